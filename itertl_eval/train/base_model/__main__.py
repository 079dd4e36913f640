"""python -m itertl_eval.train.base_model"""

from itertl_eval._util.command import start

start("itertl_eval.train.base_model._pretrain")
