"""python -m itertl_eval.train.testbenches"""

from itertl_eval.train.testbenches._command import main

raise SystemExit(main())
