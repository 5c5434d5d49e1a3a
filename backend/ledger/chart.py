"""The accounts that the rules speak of, by the name they have in the code. A shop may add others."""

from __future__ import annotations

from typing import NamedTuple


class ChartLine(NamedTuple):
    code: str
    name_es: str
    name_en: str
    kind: str


# Codes follow Colombia's plan (PUC), so that an accountant there finds what is expected. Source: Decreto 2650 de 1993.
CASH = "1105"
BANK = "1110"
CLEARING = "1120"
RECEIVABLE = "1305"
DISPUTED = "1380"
WITHHELD = "1355"
GOODS = "1435"
SUPPLIERS = "2205"
TAX_PAYABLE = "2408"
ADVANCES = "2805"
CAPITAL = "3105"
SALES = "4135"
DELIVERY_INCOME = "4145"
SALES_RETURNED = "4175"
FEES = "5305"
BAD_DEBT = "5310"
CHARGEBACKS = "5315"
GOODS_LOST = "5395"
GOODS_SOLD = "6135"

# Each of these is the sum of other records, customer by customer or shelf by shelf: a hand may not touch it.
KEPT = frozenset({RECEIVABLE, ADVANCES, GOODS})

CHART = (
    ChartLine(CASH, "Caja", "Cash", "asset"),
    ChartLine(BANK, "Bancos", "Bank", "asset"),
    ChartLine(CLEARING, "Pasarelas y datáfonos por liquidar", "Payment providers, to be settled", "asset"),
    ChartLine(RECEIVABLE, "Clientes", "Receivables", "asset"),
    ChartLine(DISPUTED, "Contracargos en disputa", "Disputed chargebacks", "asset"),
    ChartLine(WITHHELD, "Retenciones a favor", "Tax withheld by customers", "asset"),
    ChartLine(GOODS, "Mercancías", "Goods", "asset"),
    ChartLine(SUPPLIERS, "Proveedores", "Suppliers", "liability"),
    ChartLine(TAX_PAYABLE, "IVA por pagar", "VAT payable", "liability"),
    ChartLine(ADVANCES, "Anticipos y saldos a favor de clientes", "Customers' advances and balances", "liability"),
    ChartLine(CAPITAL, "Capital", "Capital", "equity"),
    ChartLine(SALES, "Ventas", "Sales", "income"),
    ChartLine(DELIVERY_INCOME, "Domicilios", "Delivery", "income"),
    ChartLine(SALES_RETURNED, "Devoluciones en ventas", "Sales returned", "income"),
    ChartLine(FEES, "Comisiones de recaudo", "Collection fees", "expense"),
    ChartLine(BAD_DEBT, "Cartera castigada", "Receivables written off", "expense"),
    ChartLine(CHARGEBACKS, "Contracargos perdidos", "Chargebacks lost", "expense"),
    ChartLine(GOODS_LOST, "Faltantes y averías", "Goods lost or spoilt", "expense"),
    ChartLine(GOODS_SOLD, "Costo de ventas", "Cost of goods sold", "expense"),
)
