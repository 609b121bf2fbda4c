def migrate(cr, version):
    """Let updates reach the record rules: they were kept as first installed until now."""
    cr.execute(
        "UPDATE ir_model_data SET noupdate = false WHERE module = 'ccm_survey' AND model = 'ir.rule'"
    )
