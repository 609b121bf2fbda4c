{
    "name": "Chronic Care: Close by Jobs",
    "summary": "Spread the close of a month over the workers of OCA's queue_job",
    "version": "19.0.1.0.0",
    "category": "Healthcare",
    "license": "LGPL-3",
    "author": "ccm_module contributors",
    "website": "https://github.com/ccm-module/ccm_module",
    "depends": ["ccm_module", "queue_job"],
    "data": [
        "data/queue_job_data.xml",
        "views/ccm_close_views.xml",
    ],
}
