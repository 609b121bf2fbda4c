import {Component, onWillStart, useState} from "@odoo/owl";
import {describeDuration, formatClock} from "./clock";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useDropdownState} from "@web/core/dropdown/dropdown_hooks";
import {useService} from "@web/core/utils/hooks";

/** The timer in the top bar: it follows the nurse wherever she goes in Odoo. */
export class TimerMenu extends Component {
    static template = "ccm_module.TimerMenu";
    static components = {Dropdown};
    static props = {};

    setup() {
        this.timer = useState(useService("ccm_timer"));
        this.dropdown = useDropdownState();
        this.formatClock = formatClock;
        onWillStart(() => {
            this.timer.load(); // not awaited: the top bar does not wait for it
        });
    }

    get label() {
        const {running} = this.timer;
        if (running) {
            return _t("Care timer, running: %s", describeDuration(this.timer.elapsed(running)));
        }
        return this.timer.paused.length ? _t("Care timer, paused") : _t("Care timer");
    }

    get toDoLabel() {
        return _t("%s to finish", this.timer.toDo);
    }

    get isIdle() {
        const {running, paused, toDo} = this.timer;
        return !running && !paused.length && !toDo;
    }

    async act(act) {
        this.dropdown.close();
        await act();
    }
}

registry.category("systray").add("ccm_module.timer_menu", {Component: TimerMenu}, {sequence: 30});
