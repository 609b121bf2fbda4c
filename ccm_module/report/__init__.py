from . import (
    audit_packet_facts,
    audit_packet_pages,
    audit_packet_words,
    ccm_audit_packet_report,
    ccm_close_workbook,
)
