import {RelationalModel} from "@web/model/relational_model/relational_model";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {registry} from "@web/core/registry";

/**
 * A card dragged to another state takes the step that a button would: the server does it, or says
 * what has to be answered first (why she declined, the text of the consent).
 */
class EnrollmentGroupList extends RelationalModel.DynamicGroupList {
    async moveRecord(recordId, sourceId, refId, targetId) {
        if (sourceId === targetId || this.groupByField.name !== "state") {
            return super.moveRecord(...arguments);
        }
        const source = this.groups.find((group) => group.id === sourceId);
        const target = this.groups.find((group) => group.id === targetId);
        const record = source.list.records.find((each) => each.id === recordId);
        const reload = () => this.model.load();
        const action = await this.model.orm.call(this.resModel, "action_move", [
            [record.resId],
            target.value,
        ]);
        if (action) {
            return this.model.action.doAction(action, {onClose: reload});
        }
        return reload();
    }
}

class EnrollmentModel extends RelationalModel {
    static DynamicGroupList = EnrollmentGroupList;
}

registry.category("views").add("ccm_enrollment_kanban", {
    ...kanbanView,
    Model: EnrollmentModel,
});
