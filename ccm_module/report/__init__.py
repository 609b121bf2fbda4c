from . import ccm_close_workbook
