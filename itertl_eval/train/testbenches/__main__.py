"""python -m itertl_eval.train.testbenches"""

from itertl_eval._util.command import start

start("itertl_eval.train.testbenches._command")
