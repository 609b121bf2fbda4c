"""The reach test of the main addon, on what this one adds, where it is installed."""

from odoo.tests import tagged

from odoo.addons.ccm_module.tests import test_rpc_reach
from odoo.addons.ccm_module.tests.reach import own_methods


@tagged("post_install", "-at_install")
class TestQueueRpcReach(test_rpc_reach.TestRpcReach):
    OURS = "odoo.addons.ccm_queue_job"

    def lines(self):
        added = own_methods(self.env, self.OURS)
        return [line for line in super().lines() if line[:2] in added]

    def models(self):
        """Return the models that this addon adds to: these have what queue_job gives to all, too."""
        return [
            model
            for model, cls in self.env.registry.items()
            if any(base.__module__.startswith(self.OURS) for base in cls.mro())
        ]

    def test_what_is_tried_is_what_the_addon_adds(self):
        self.assertEqual(self.models(), ["ccm.close"])
        self.assertEqual([line[:2] for line in self.lines()], [("ccm.close", "action_start_jobs")])
