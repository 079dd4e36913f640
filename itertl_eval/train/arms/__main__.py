"""python -m itertl_eval.train.arms"""

from itertl_eval.train.arms._command import main

raise SystemExit(main())
