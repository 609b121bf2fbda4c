from . import account_documents, ccm_close, ccm_patient
