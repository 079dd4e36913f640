"""python -m itertl_eval.cli"""

import sys

from itertl_eval.cli import main

sys.exit(main())
