from . import test_addon
