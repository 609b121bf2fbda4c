import {Component, onWillDestroy, xml} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** Shows nothing: reads the document anew each time the server says that it got further. */
export class CcmPacketWatch extends Component {
    static template = xml`<span class="d-none" />`;
    static props = standardWidgetProps;

    setup() {
        const bus = useService("bus_service");
        const look = ({id}) => id === this.props.record.resId && this.props.record.load();
        bus.subscribe("ccm_audit_packet", look);
        onWillDestroy(() => bus.unsubscribe("ccm_audit_packet", look));
    }
}

registry.category("view_widgets").add("ccm_packet_watch", {component: CcmPacketWatch});
