"""Options of the compiler that both versions of VerilogEval's harness use."""

OPTIONS = ("-Wall", "-Winfloop", "-Wno-timescale", "-g2012", "-s", "tb")
