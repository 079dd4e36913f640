"""python -m itertl_eval.train.base_model"""

from itertl_eval.train.base_model._pretrain import main

raise SystemExit(main())
