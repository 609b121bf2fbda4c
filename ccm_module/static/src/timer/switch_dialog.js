import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {formatClock} from "./clock";
import {useAutofocus} from "@web/core/utils/hooks";

/** The timer runs for another patient: what becomes of that one? */
export class SwitchDialog extends Component {
    static template = "ccm_module.SwitchDialog";
    static components = {Dialog};
    static props = {
        timer: Object,
        choose: Function,
        close: Function,
    };

    setup() {
        this.timer = useState(this.props.timer);
        this.entry = this.props.timer.running;
        useAutofocus();
    }

    get clock() {
        return formatClock(this.timer.elapsed(this.entry));
    }

    async choose(choice) {
        await this.props.choose(choice);
        this.props.close();
    }
}
