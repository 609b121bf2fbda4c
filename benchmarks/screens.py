"""What the web client asks of the server when it opens a screen: the same calls, with the same fields."""

import json
import time

from lxml import etree

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

PAGE = 80
ROWS_OF_A_FORM = 40  # of a list in a form; the rest is on its next page
COUNT_LIMIT = 10001


def arch_and_fields(model, view, kind):
    """Return the view's arch and the fields of all models in it, as ``get_views`` gives them."""
    answer = model.get_views([(view, kind)], {"toolbar": True})
    arch = etree.fromstring(answer["views"][kind]["arch"])
    return arch, {name: info["fields"] for name, info in answer["models"].items()}


def specification(node, model, all_fields):
    """Return the fields that a view reads, as the web client's getFieldsSpec() does."""
    infos, spec = all_fields[model], {}
    depth = node.xpath("count(ancestor-or-self::field)")
    for field in node.xpath(f".//field[count(ancestor::field) = {depth}]"):
        info, name = infos[field.get("name")], field.get("name")
        hidden = field.get("invisible") in ("1", "True") or field.get("column_invisible") in (
            "1",
            "True",
        )
        spec.setdefault(name, {})
        if info["type"] in ("one2many", "many2many") and not hidden:
            spec[name] |= _rows(field, info, all_fields)
        elif info["type"] in ("many2one", "reference"):
            spec[name]["fields"] = {} if hidden else {"display_name": {}}
    return spec


def _rows(field, info, all_fields):
    views = [child for child in field if child.tag in ("list", "kanban")]
    if not views:
        names = ["display_name", "color"] if "tags" in field.get("widget", "") else []
        return {"fields": {n: {} for n in names if n in all_fields.get(info["relation"], names)}}
    view = views[0]
    rows = {
        "fields": specification(view, info["relation"], all_fields),
        "limit": int(view.get("limit", ROWS_OF_A_FORM)),
    }
    if order := view.get("default_order"):
        rows["order"] = order
    return rows


class FormPage:
    """A form of one record."""

    def __init__(self, model, view):
        self.model = model
        arch, infos = arch_and_fields(model, view, "form")
        self.spec = specification(arch, model._name, infos)

    def read(self, record_id):
        return self.model.browse(record_id).web_read(self.spec)


class ListPage:
    """The first page of an action's list, with the filters that it begins with."""

    def __init__(self, env, action, context=None):
        action = (
            env["ir.actions.act_window"]._for_xml_id(action) if isinstance(action, str) else action
        )
        values = {"uid": env.uid, "active_id": False}
        given = action["context"]
        given = safe_eval(given or "{}", values) if isinstance(given, str) else given
        self.model = env[action["res_model"]].with_context({**given, **(context or {})})
        view = next(view for view, kind in action["views"] if kind == "list")
        arch, infos = arch_and_fields(self.model, view, "list")
        self.spec = specification(arch, self.model._name, infos)
        self.order = arch.get("default_order") or None
        domain = Domain(safe_eval(action["domain"] or "[]", values))
        search = action["search_view_id"] and action["search_view_id"][0]
        search_arch, _infos = arch_and_fields(self.model, search, "search")
        for name, on in given.items():
            if name.startswith("search_default_") and on:
                wanted = name.removeprefix("search_default_")
                for found in search_arch.xpath("//filter[@name=$name]", name=wanted):
                    domain &= Domain(safe_eval(found.get("domain") or "[]", values))
        self.domain = list(domain)

    def read(self):
        return self.model.web_search_read(
            self.domain, self.spec, limit=PAGE, order=self.order, count_limit=COUNT_LIMIT
        )


def queries(env, call):
    """Return how many queries a call takes once everything that is cached for all is cached."""
    env.invalidate_all()  # else a right that nobody asks for yet is looked up in the counted call
    call()
    env.flush_all()
    env.invalidate_all()
    before = env.cr.sql_log_count
    call()
    env.flush_all()
    return env.cr.sql_log_count - before


def seconds(env, call):
    """Return how long one call takes, answer in JSON included."""
    env.invalidate_all()
    start = time.perf_counter()
    json.dumps(call(), default=str)
    env.flush_all()
    return time.perf_counter() - start
