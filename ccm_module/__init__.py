from . import controllers, demo, models, report, wizard
from .hooks import pre_init_hook, uninstall_hook
from .no_database import post_load
