def migrate(cr, version):
    """Take the amounts out of the months' details, which nurses read, into a field of their own."""
    cr.execute(
        """
        UPDATE ccm_month
           SET option_amounts = told.amounts, details = jsonb_set(details, '{options}', told.options)
          FROM (
                SELECT month.id,
                       jsonb_agg(option -> 'amount' ORDER BY place) AS amounts,
                       jsonb_agg(option - 'amount' ORDER BY place) AS options
                  FROM ccm_month AS month,
                       jsonb_array_elements(month.details -> 'options')
                       WITH ORDINALITY AS listed (option, place)
                 WHERE option ? 'amount'
                 GROUP BY month.id
               ) AS told
         WHERE told.id = ccm_month.id
        """
    )
