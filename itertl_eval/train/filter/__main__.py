"""python -m itertl_eval.train.filter"""

from itertl_eval._util.command import start

start("itertl_eval.train.filter._command")
