import {Component, onWillStart, useEffect, useRef, useState} from "@odoo/owl";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/core/utils/numbers";
import {loadBundle} from "@web/core/assets";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const HOUR = 3600 * 1000;

/**
 * A patient's latest readings: a table with one row a kind, and a plot of the kind chosen in it,
 * with the limits as dashed lines. Its value is `res.partner.ccm_reading_summary`.
 *
 * The table and the label say in words what the plot shows, and a reading out of range is a
 * triangle there: nothing is told by color alone.
 */
export class CcmReadingsField extends Component {
    static template = "ccm_module.CcmReadingsField";
    static props = {...standardFieldProps};

    setup() {
        this.canvasRef = useRef("canvas");
        this.state = useState({kindId: null});
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = this.kind && new Chart(this.canvasRef.el, this.chartConfig);
                return () => chart?.destroy();
            },
            () => [JSON.stringify(this.kind || null)],
        );
    }

    get kinds() {
        return this.props.record.data[this.props.name]?.kinds || [];
    }

    /** The kind whose plot is shown: the chosen one, else the one with the most to see. */
    get kind() {
        const most = [...this.kinds].sort((a, b) => b.points.length - a.points.length)[0];
        return this.kinds.find((kind) => kind.id === this.state.kindId) || most;
    }

    takenAt(kind) {
        return toLocaleDateTimeString(deserializeDateTime(kind.taken_at));
    }

    number(value) {
        return formatFloat(value, {digits: [6, 1], trailingZeros: false});
    }

    /** A color of the theme in use, light or dark. */
    color(name) {
        return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
    }

    /** What the plot shows, in words. */
    get plotText() {
        const kind = this.kind;
        const values = kind.points.map((point) => point.y);
        return _t(
            "%(kind)s: %(count)s readings between %(lowest)s and %(highest)s %(unit)s, %(out)s of them out of range. The latest: %(latest)s. Limits: %(range)s.",
            {
                kind: kind.name,
                count: values.length,
                lowest: this.number(Math.min(...values)),
                highest: this.number(Math.max(...values)),
                unit: kind.unit,
                out: kind.points.filter((point) => point.out).length,
                latest: kind.latest,
                range: kind.range || _t("none"),
            },
        );
    }

    get datasets() {
        const line = (label, key, color) => ({
            label,
            data: this.kind.points.map((point) => ({
                x: deserializeDateTime(point.x).toMillis(),
                y: point[key],
            })),
            borderColor: color,
            backgroundColor: color,
            borderWidth: 2,
            pointStyle: this.kind.points.map((point) => (point.out ? "triangle" : "circle")),
            pointRadius: this.kind.points.map((point) => (point.out ? 7 : 3)),
        });
        const both = this.kind.points.some((point) => point.d !== null);
        return both
            ? [
                  line(_t("Systolic"), "y", this.color("primary")),
                  line(_t("Diastolic"), "d", this.color("info")),
              ]
            : [line(this.kind.name, "y", this.color("primary"))];
    }

    get limitDatasets() {
        const color = this.color("danger");
        return this.kind.limits.map((limit) => ({
            label: _t("Limit"),
            data: [
                {x: this.firstMoment, y: limit},
                {x: this.lastMoment, y: limit},
            ],
            borderColor: color,
            borderWidth: 1.5,
            borderDash: [6, 4],
            pointRadius: 0,
            pointHitRadius: 0,
        }));
    }

    get firstMoment() {
        return deserializeDateTime(this.kind.points[0].x).toMillis() - 6 * HOUR;
    }

    get lastMoment() {
        return deserializeDateTime(this.kind.points.at(-1).x).toMillis() + 6 * HOUR;
    }

    get chartConfig() {
        const style = getComputedStyle(this.canvasRef.el);
        const grid = this.color("border-color");
        const axis = {ticks: {color: style.color}, grid: {color: grid}, border: {color: grid}};
        return {
            type: "line",
            data: {datasets: [...this.datasets, ...this.limitDatasets]},
            options: {
                animation: false,
                maintainAspectRatio: false,
                plugins: {
                    legend: {display: false},
                    tooltip: {
                        filter: (item) => item.dataset.pointRadius !== 0,
                        callbacks: {
                            title: ([item]) =>
                                item &&
                                toLocaleDateTimeString(luxon.DateTime.fromMillis(item.parsed.x)),
                            label: (item) =>
                                `${item.dataset.label}: ${this.number(item.parsed.y)} ${this.kind.unit}`,
                        },
                    },
                },
                scales: {
                    x: {
                        ...axis,
                        type: "time",
                        min: this.firstMoment,
                        max: this.lastMoment,
                        time: {minUnit: "day"},
                        ticks: {color: style.color, maxRotation: 0, autoSkipPadding: 16},
                    },
                    y: {...axis, grace: "10%"},
                },
            },
        };
    }
}

export const ccmReadingsField = {
    component: CcmReadingsField,
    displayName: _t("Readings with a plot"),
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("ccm_readings", ccmReadingsField);
