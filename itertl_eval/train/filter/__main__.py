"""python -m itertl_eval.train.filter"""

from itertl_eval.train.filter._command import main

raise SystemExit(main())
