"""python -m itertl_eval.train.arms"""

from itertl_eval._util.command import start

start("itertl_eval.train.arms._command")
