"""Which operation a call belongs to: exactly one, or none with the reason."""

from __future__ import annotations

import pytest

from connectory.domain.calls import Offered, Operations, error_class, without_ids


def offered(*told: tuple[int, str, str, str]) -> Operations:
    """Return operations of connectors, each with environment, path and name; all are GET."""
    return Operations.of(
        Offered(one, place, "/v1", "GET", path, name) for one, place, path, name in told
    )


ORDERS = offered(
    (1, "a", "/orders/{id}", "GetOrder"),
    (1, "a", "/orders", "ListOrders"),
    (2, "b", "/orders/count", "CountOrders"),
    (3, "c", "/a/{x}/c", "First"),
    (3, "c", "/a/b/{y}", "Second"),
    (3, "c", "/g/{x}", "Get Order"),
    (3, "c", "/h/{x}", "GetOrder"),
)


@pytest.mark.parametrize(
    ("environment", "path", "operation", "by", "name"),
    [
        ("a", "/v1/orders/17?key=x", "", "path", "GetOrder"),
        ("a", "/v1/ORDERS", "", "path", "ListOrders"),
        ("a", "/v1/orders/count", "", "path", "GetOrder"),  # what others offer is not in its way
        ("b", "/v1/orders/count", "", "path", "CountOrders"),
        ("", "/v1/orders/count", "", "path", "CountOrders"),
        ("c", "/v1/a/b/c", "", "several", None),
        ("c", "/v1/h/1", "getorder", "operation_id", "GetOrder"),
        ("c", "/v1/elsewhere", "get-order", "several", None),
        ("a", "/v1/nothing", "", "no_operation", None),
        ("d", "/v1/orders", "", "no_connector", None),
        ("a", "/", "list_orders", "operation_id", "ListOrders"),
    ],
)
def test_a_call_belongs_to_the_one_that_fits(
    environment: str, path: str, operation: str, by: str, name: str | None
) -> None:
    """By the name its log tells, else by method and path; never guessed between two."""
    found = ORDERS.match(environment, "GET", path, operation)

    assert (found.by, found.operation_id) == (by, name)


TWO_APIS = Operations.of(
    [
        Offered(1, "a", "/orders", "GET", "/list", "GetList"),
        Offered(2, "a", "/invoices", "GET", "/list", "GetList"),
        Offered(3, "a", "/d365", "POST", "/accounts", "AddAccount"),
        Offered(3, "a", "/d365", "GET", "/top100", "Top100"),
        Offered(3, "a", "/d365", "GET", "/{id}", "GetOne"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "operation", "by", "connector", "name"),
    [
        ("GET", "/invoices/list", "get-list", "operation_id", 2, "GetList"),
        ("DELETE", "/hr/payroll/list", "get-list", "no_operation", None, None),
        ("GET", "/orders/gone", "get-list", "operation_id", 1, "GetList"),
        ("GET", "/", "add-account", "operation_id", 3, "AddAccount"),
        ("POST", "/{}/accounts", "", "path", 3, "AddAccount"),
        ("GET", "/d365/{}", "", "several", None, None),
        ("GET", "/d365/{}", "top100", "operation_id", 3, "Top100"),
        ("GET", "/d365/top100", "", "path", 3, "Top100"),
    ],
)
def test_a_name_goes_against_no_path(
    method: str, path: str, operation: str, by: str, connector: int | None, name: str | None
) -> None:
    """A gateway's names are those of one API; what was taken for an id may have been a word."""
    found = TWO_APIS.match("a", method, path, operation)

    assert (found.by, found.connector_id, found.operation_id) == (by, connector, name)


def test_names_in_any_script_are_told_apart() -> None:
    """And one of marks alone is no name; a slash at the end makes no other path."""
    known = Operations.of(
        [
            Offered(1, "a", "", "GET", "/read", "取得"),
            Offered(1, "a", "", "GET", "/renew", "更新"),
            Offered(1, "a", "", "GET", "/marks", "---"),
            Offered(1, "a", "", "GET", "/x/{id}", "X"),
            Offered(1, "a", "", "GET", "/x/{id}/", "X"),
        ]
    )

    assert known.match("a", "GET", "/", "取得").operation_id == "取得"
    assert known.match("a", "GET", "/zzz", "削除").by == "no_operation"
    assert known.match("a", "GET", "/zzz", "***").by == "no_operation"
    assert known.match("a", "GET", "/x/17", "").operation_id == "X"


def test_ids_leave_one_path_for_all_calls_of_an_operation() -> None:
    """Digits, identifiers and long words stand for what a template would hold open."""
    assert without_ids("/orders/4711/lines/9f3c0a1b2c3d4e5f6") == "/orders/{}/lines/{}"
    assert without_ids("/orders?token=secret") == "/orders"
    assert len(without_ids("/x" * 1000)) <= 400


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, None), (304, None), (401, "unauthorized"), (404, "refused"), (408, "timed_out"),
     (429, "throttled"), (500, "failed"), (504, "timed_out"), (0, "timed_out")],
)  # fmt: skip
def test_a_status_says_how_a_call_failed(status: int, kind: str | None) -> None:
    """Each in one class; no response at all is a timeout."""
    assert error_class(status) == kind
