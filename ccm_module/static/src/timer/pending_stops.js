import {browser} from "@web/core/browser/browser";
import {user} from "@web/core/user";

/**
 * The stops that the server does not know yet, since there was no network at the click. They
 * outlive the page and are shared by all tabs of this browser: so they hold ids and moments only.
 */
const key = () => `ccm_timer.stops.${user.userId}`;

/** @returns {Object} for the id of an entry `{start, at}`, in milliseconds of the server's clock */
export function pendingStops() {
    return JSON.parse(browser.localStorage.getItem(key()) || "{}");
}

function keep(stops) {
    if (Object.keys(stops).length) {
        browser.localStorage.setItem(key(), JSON.stringify(stops));
    } else {
        browser.localStorage.removeItem(key());
    }
}

export function addStop({id, start}, at) {
    keep({...pendingStops(), [id]: {start, at}});
}

export function dropStop(id) {
    const {[id]: _dropped, ...others} = pendingStops();
    keep(others);
}
