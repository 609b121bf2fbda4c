from . import test_rpc_reach
