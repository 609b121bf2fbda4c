// A server that knows one nurse's timers, for the unit tests of all that shows them.

import {ConnectionLostError, rpc} from "@web/core/network/rpc";
import {mockService, onRpc, patchWithCleanup} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {session} from "@web/session";

export const NOON = "2026-10-05 12:00:00";

export const entry = (values) => ({
    id: 7,
    partner_id: 41,
    partner: "Rosa Alvarez",
    start: Date.now(),
    seconds: 0,
    type_id: 1,
    outcome: false,
    note: "",
    ...values,
});

/**
 * Put a server in place, and a person who has a timer.
 *
 * @returns {Object} `state` as the server has it, `skew` of its clock in milliseconds, `isDown`
 *  for a network that is away, `tell` to send what another tab did, how often it was looked at (`looks`), what was asked of
 *  it (`calls`: method, arguments, named arguments), and the `actions` that were opened
 */
export function mockTimerServer(values = {}) {
    defineMailModels();
    patchWithCleanup(session, {ccm_timer: true});
    const listeners = {};
    const server = {
        state: {
            mode: "manual",
            limit: 3 * 3600,
            running: false,
            paused: [],
            to_describe: [],
            to_answer: [],
            kinds: [
                {id: 1, name: "Phone call", is_contact: true},
                {id: 2, name: "Medication review", is_contact: false},
            ],
            outcomes: [
                ["reached", "Reached"],
                ["no_answer", "No answer"],
            ],
            ...values,
        },
        skew: 0,
        isDown: false,
        looks: 0,
        calls: [],
        actions: [],
        tell: (name = "ccm_timer") => listeners[name]?.(),
    };
    mockService("bus_service", {
        addEventListener: (name, callback) => (listeners[name] = callback),
        removeEventListener: () => {},
        subscribe: (name, callback) => (listeners[name] = callback),
        unsubscribe: () => {},
        addChannel: () => {},
        start: () => {},
    });
    mockService("action", {
        async doAction(action, options) {
            server.actions.push({action, options});
        },
    });
    patchWithCleanup(rpc, {
        _rpc(url) {
            return server.isDown
                ? Promise.reject(new ConnectionLostError(url))
                : super._rpc(...arguments);
        },
    });
    onRpc("ccm.activity", "*", ({method, args, kwargs}) => {
        if (method === "get_timer_state") {
            server.looks++;
            return {...server.state, now: Date.now() + server.skew};
        }
        const named = Object.entries(kwargs).filter(([name]) => name !== "context");
        server.calls.push([method, ...args, Object.fromEntries(named)]);
        return server[method]?.(...args) ?? true;
    });
    return server;
}
