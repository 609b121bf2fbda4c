import {_t} from "@web/core/l10n/translation";

/** Seconds as a clock shows them: `0:07`, `12:05`, `1:02:05`. */
export function formatClock(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return hours
        ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
        : `${minutes}:${two(seconds % 60)}`;
}

/** Seconds in words, for who listens to the screen. */
export function describeDuration(seconds) {
    return _t("%(minutes)s min %(seconds)s s", {
        minutes: Math.floor(seconds / 60),
        seconds: seconds % 60,
    });
}

/** Milliseconds since 1970 as the server takes a moment: UTC, whole seconds, never rounded up. */
export function toServerMoment(milliseconds) {
    return luxon.DateTime.fromMillis(milliseconds, {zone: "utc"}).toFormat("yyyy-MM-dd HH:mm:ss");
}
