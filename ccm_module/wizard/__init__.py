from . import ccm_data_import
