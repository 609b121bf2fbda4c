from . import (
    ccm_data_release,
    ccm_diagnosis,
    ccm_diagnosis_loader,
    ccm_fee_mixin,
    ccm_fee_rvu,
    ccm_fee_schedule,
    ccm_locality,
    ccm_locality_gpci,
)
