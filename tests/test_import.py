import subprocess
import sys


def test_import_is_light():
    heavy = "torch", "lm_eval", "cocotb", "pyslang", "transformers"
    code = f"import sys, itertl_eval; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_exists():
    import itertl_eval

    for name in itertl_eval.__all__:
        assert getattr(itertl_eval, name) is not None
