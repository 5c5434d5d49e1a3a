"""Every word of the console, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    demo: str
    skip: str
    conversations: str
    orders: str
    sign_in: str
    sign_in_title: str
    sign_in_lead: str
    sign_in_demo: str
    email_label: str
    password_label: str
    sign_out: str
    sign_in_refused: str
    too_many_sign_ins: str
    other_language: str
    all: str
    all_orders: str
    just_now: str
    older: str
    no_conversations: str
    no_conversations_hint: str
    choose: str
    choose_hint: str
    visitor: str
    back_to_list: str
    channel: dict[str, str]
    reason: str
    no_orders: str
    no_orders_hint: str
    order: str
    placed: str
    lines: str
    total: str
    status: str
    product: str
    quantity: str
    price: str
    subtotal: str
    tax: str
    tax_included: str
    delivery: str
    address: str
    payment: str
    customer: str
    history: str
    back_to_orders: str
    offline: str
    try_again: str
    home: str
    forbidden_title: str
    forbidden: str
    not_found_title: str
    not_found: str
    unavailable_title: str
    unavailable: str
    author: dict[str, str]
    fate: dict[str, str]
    fate_reason: dict[str, str]
    owner: dict[str, str]
    owner_filter: dict[str, str]
    handoff_reason: dict[str, str]
    order_status: dict[str, str]
    fulfillment_status: dict[str, str]
    promised: str
    parcels: str
    tracking_number: str
    to_decide: str
    pickup: str
    parcel_status: dict[str, str]
    payment_status: dict[str, str]
    return_status: dict[str, str]
    returns: str
    return_step: dict[str, str]
    return_way: dict[str, str]
    hold_reason: dict[str, str]
    held_because: str
    step: dict[str, str]
    actor: dict[str, str]
    mail: str
    mail_subject: str
    mail_recipient: str
    mail_written: str
    no_mails: str
    no_mails_hint: str
    mail_status: dict[str, str]
    payments: str
    proofs: str
    proof: str
    proof_sent_at: str
    proof_amount: str
    proof_alike: str
    proof_twice: str
    no_proofs: str
    no_proofs_hint: str
    proof_picture: str
    proof_open_file: str
    proof_due: str
    proof_said: str
    proof_not_said: str
    proof_reference: str
    proof_paid_on: str
    proof_other_customer: str
    proof_approve_title: str
    proof_approve: str
    proof_may_exceed: str
    proof_reject_title: str
    proof_reject: str
    choose_reason: str
    note_to_customer: str
    amount_unreadable: str
    reason_missing: str
    note_missing: str
    note_for_other: str
    refused_otherwise: str
    refunds: str
    no_refunds: str
    no_refunds_hint: str
    refund_why_not: str
    refund_approve: str
    refund_reject: str
    refund_paid_bank: str
    refund_paid_cash: str
    proof_status: dict[str, str]
    proof_reason: dict[str, str]
    proof_why_alike: dict[str, str]
    refund_status: dict[str, str]
    refund_way: dict[str, str]
    refused: dict[str, str]


WORDS: dict[str, Words] = {
    "es": Words(
        demo="Demo",
        skip="Ir al contenido",
        conversations="Conversaciones",
        orders="Pedidos",
        sign_in="Entrar",
        sign_in_title="Consola del equipo",
        sign_in_lead="Entra con tu cuenta para ver conversaciones y pedidos.",
        sign_in_demo="La cuenta de demostración la muestra «make up» en la terminal.",
        email_label="Correo",
        password_label="Contraseña",  # noqa: S106  a label
        sign_out="Salir",
        sign_in_refused="El correo o la contraseña no son correctos.",
        too_many_sign_ins="Demasiados intentos. Espera {minutes} min y vuelve a probar.",
        other_language="English",
        all="Todas",
        all_orders="Todos",
        just_now="ahora",
        older="Más antiguas",
        no_conversations="Aquí no hay conversaciones",
        no_conversations_hint="Cuando un cliente escriba por el chat, aparecerá en esta lista.",
        choose="Elige una conversación",
        choose_hint="Los mensajes se ven aquí y llegan solos.",
        visitor="Visitante",
        back_to_list="Conversaciones",
        channel={"web": "Chat web", "whatsapp": "WhatsApp", "telegram": "Telegram"},
        reason="Motivo",
        no_orders="Aquí no hay pedidos",
        no_orders_hint="Los pedidos confirmados en el chat aparecen en esta lista.",
        order="Pedido",
        placed="Recibido",
        lines="Líneas",
        total="Total",
        status="Estado",
        product="Producto",
        quantity="Cantidad",
        price="Precio",
        subtotal="Subtotal",
        tax="IVA",
        tax_included="IVA incluido",
        delivery="Domicilio",
        address="Dirección",
        payment="Pago",
        customer="Cliente",
        history="Historia",
        back_to_orders="Pedidos",
        offline="Sin conexión con el servidor. La página se pone al día cuando vuelva.",
        try_again="Intentar de nuevo",
        home="Ir al inicio",
        forbidden_title="No tienes permiso",
        forbidden="Tu cuenta no puede ver esta página. Si la necesitas, pídesela a quien administra la tienda.",
        not_found_title="No lo encontramos",
        not_found="Esta página no existe, o ya no está donde estaba.",
        unavailable_title="Ahora no se puede",
        unavailable="El sistema no responde en este momento. Inténtalo de nuevo en unos segundos.",
        author={"customer": "Cliente", "assistant": "Asistente", "agent": "Equipo"},
        fate={
            "queued": "en cola",
            "sending": "enviándose",
            "uncertain": "no se sabe si llegó",
            "sent": "enviado",
            "delivered": "entregado",
            "read": "leído",
            "failed": "no llegó",
            "skipped": "no se envió",
        },
        fate_reason={
            "blocked": "bloqueó a la tienda",
            "bad_address": "esa dirección no existe",
            "opted_out": "pidió que no le escriban",
            "cost_cap": "ya se le enviaron hoy tantas plantillas como permites",
            "window_closed": "pasaron 24 horas desde su último mensaje",
            "too_late": "ya era tarde",
            "channel_closed": "la tienda ya no tiene ese canal",
            "cut_off": "se cortó al enviarse",
            "media_gone": "el archivo ya no está",
        },
        owner={"assistant": "Asistente", "queued": "En espera", "agent": "Con una persona", "closed": "Cerrada"},
        owner_filter={"queued": "En espera", "agent": "Persona", "assistant": "Asistente", "closed": "Cerradas"},
        handoff_reason={
            "requested": "Pidió una persona",
            "misunderstood": "El asistente no le entendió",
            "backend_failed": "Falló el sistema de pedidos",
            "assistant_failed": "Falló el asistente",
            "too_many_turns": "Demasiados mensajes seguidos",
            "out_of_scope": "Fuera de lo que hace el asistente",
            "complaint": "Reclamo",
            "claim": "Algo no llegó bien",
            "return_without_photo": "Devolución sin foto",
            "return_appeal": "No está de acuerdo con una devolución negada",
        },
        order_status={
            "draft": "Borrador",
            "placed": "Recibido",
            "on_hold": "Retenido",
            "confirmed": "Confirmado",
            "cancelled": "Cancelado",
            "closed": "Cerrado",
        },
        fulfillment_status={
            "none": "Sin entrega",
            "unfulfilled": "Por preparar",
            "in_progress": "En preparación",
            "packed": "Empacado",
            "partially_shipped": "Enviado en parte",
            "shipped": "Enviado",
            "partially_delivered": "Entregado en parte",
            "delivered": "Entregado",
        },
        promised="Prometido para",
        parcels="Paquetes",
        tracking_number="Guía",
        to_decide="Por decidir por el cliente",
        pickup="Recoge en",
        parcel_status={
            "packed": "Empacado",
            "shipped": "Enviado",
            "in_transit": "En camino",
            "out_for_delivery": "En reparto",
            "exception": "Con novedad",
            "delivered": "Entregado",
            "returned_to_origin": "No entregado, vuelve a la tienda",
        },
        payment_status={
            "none": "Sin cobro",
            "due": "Por cobrar",
            "partly_paid": "Pagado en parte",
            "paid": "Pagado",
            "overpaid": "Pagado de más",
            "partly_refunded": "Devuelto en parte",
            "refunded": "Dinero devuelto",
        },
        return_status={"partial": "Parte de la mercancía volvió", "full": "Toda la mercancía volvió"},
        returns="Devoluciones",
        return_step={
            "requested": "Por responder",
            "accepted": "Aceptada",
            "rejected": "Rechazada",
            "in_transit": "En camino",
            "partly_received": "Recibida en parte",
            "received": "Recibida",
            "inspected": "Revisada",
            "resolved": "Resuelta",
            "cancelled": "Cancelada",
        },
        return_way={
            "pickup": "La recogemos",
            "drop_off": "La deja en un punto",
            "store": "La trae a la tienda",
            "carrier": "La trae el transportador",
        },
        hold_reason={
            "new_customer": "cliente nuevo",
            "amount_over": "monto alto",
            "payment_method": "forma de pago",
            "outside_zones": "fuera de las zonas de entrega",
            "credit_limit": "cupo de crédito",
            "awaiting_payment": "falta el pago",
            "payment_disputed": "pago en disputa",
        },
        held_because="En revisión",
        step={
            "placed": "Recibido",
            "held": "Retenido para revisión",
            "approved": "Aprobado",
            "rejected": "Rechazado",
            "confirmed": "Confirmado",
            "changed": "Cambiado",
            "promised_later": "La fecha de entrega se movió",
            "purchase_order_ok": "Confirmado por el proveedor",
            "partner_rejected": "El proveedor no puede",
            "backorder_filled": "Llegó lo que esperaba",
            "shortage_wait": "El cliente espera lo que falta",
            "shortage_substitute": "El cliente aceptó un reemplazo",
            "shortage_drop": "Se dejó por fuera lo que falta",
            "pickup_reset": "Código de recogida desbloqueado",
            "out_for_delivery": "En reparto",
            "delayed": "Demorado",
            "attempt_failed": "Intento de entrega fallido",
            "wrong_address": "Dirección no encontrada",
            "lost": "Perdido",
            "returned_to_origin": "No entregado, vuelve a la tienda",
            "claim_opened": "Reclamo abierto",
            "claim_closed": "Reclamo cerrado",
            "return_requested": "Pidió devolver",
            "return_accepted": "Devolución aceptada",
            "return_rejected": "Devolución rechazada",
            "return_appealed": "Pidió revisar el rechazo",
            "return_cancelled": "Devolución cancelada",
            "return_in_transit": "Lo devuelto viene en camino",
            "return_received": "Llegó lo devuelto",
            "return_inspected": "Revisado lo devuelto",
            "return_resolved": "Devolución resuelta",
            "return_bounced": "El paquete volvió sin entregarse",
            "return_wish_chosen": "El cliente eligió qué sigue",
            "payment_recorded": "Pago recibido",
            "payment_disputed": "Pago en disputa",
            "payment_won": "Disputa ganada",
            "payment_lost": "Disputa perdida",
            "refund_requested": "Reembolso pedido",
            "refunded": "Reembolsado",
            "refund_rejected": "Reembolso rechazado",
            "refund_failed": "Reembolso fallido",
            "proof_sent": "Comprobante de pago enviado",
            "proof_approved": "Comprobante de pago aprobado",
            "proof_rejected": "Comprobante de pago rechazado",
            "purchase_order_sent": "Pedido al proveedor",
            "picking": "En alistamiento",
            "picked": "Alistado",
            "short": "Faltó mercancía",
            "packed": "Empacado",
            "shipped": "Despachado",
            "collected": "Recogido",
            "delivered": "Entregado",
            "cancelled": "Cancelado",
            "cancelled_rest": "Cancelado lo que faltaba por salir",
            "closed": "Cerrado",
        },
        actor={
            "assistant": "Asistente, por el cliente",
            "customer": "Cliente",
            "staff": "Equipo",
            "partner": "Aliado",
            "carrier": "Transportadora",
            "service": "Sistema",
            "system": "Sistema",
        },
        mail="Correos",
        mail_subject="Asunto",
        mail_recipient="Para",
        mail_written="Escrito",
        no_mails="Aquí no hay correos",
        no_mails_hint="Los correos que la tienda escribe a sus clientes y proveedores aparecen en esta lista.",
        mail_status={
            "queued": "En cola",
            "sending": "Enviando",
            "sent": "Enviado",
            "failed": "Falló",
            "uncertain": "Sin confirmar",
            "kept": "Guardado",
        },
        payments="Pagos",
        proofs="Comprobantes",
        proof="Comprobante",
        proof_sent_at="Enviado",
        proof_amount="Valor",
        proof_alike="Puede ser el mismo dinero",
        proof_twice="¿Repetido?",
        no_proofs="Aquí no hay comprobantes",
        no_proofs_hint="Cuando un cliente envíe la foto de una transferencia por el chat, aparecerá en esta lista.",
        proof_picture="Foto del comprobante",
        proof_open_file="Abrir el archivo",
        proof_due="Falta por pagar",
        proof_said="Dice que pagó",
        proof_not_said="No lo dijo",
        proof_reference="Referencia",
        proof_paid_on="Fecha del pago",
        proof_other_customer="de otro cliente",
        proof_approve_title="El dinero llegó",
        proof_approve="Registrar el pago",
        proof_may_exceed="Sí, es más de lo que falta; lo demás queda a favor del cliente",
        proof_reject_title="No es un pago",
        proof_reject="Rechazar",
        choose_reason="Elige un motivo",
        note_to_customer="Mensaje para el cliente (solo con «otro motivo»)",
        amount_unreadable="Escribe el valor en números, por ejemplo 24.900",
        reason_missing="Elige un motivo.",
        note_missing="Escribe por qué: el cliente lo lee.",
        note_for_other="El mensaje va solo con «otro motivo».",
        refused_otherwise="No se pudo guardar. Revisa los datos y vuelve a intentar.",
        refunds="Reembolsos",
        no_refunds="Aquí no hay reembolsos",
        no_refunds_hint="Lo que se devuelve a un cliente aparece en esta lista.",
        refund_why_not="Si lo rechazas: por qué (el cliente lo lee)",
        refund_approve="Aprobar",
        refund_reject="Rechazar",
        refund_paid_bank="Pagado por banco",
        refund_paid_cash="Pagado en efectivo",
        proof_status={
            "open": "Por revisar",
            "approved": "Aprobado",
            "rejected": "Rechazado",
        },
        proof_reason={
            "unreadable": "No se lee",
            "not_received": "El dinero no ha llegado",
            "wrong_amount": "El valor no coincide",
            "wrong_account": "Es a otra cuenta",
            "other": "Otro motivo",
        },
        proof_why_alike={
            "same_picture": "la misma foto",
            "same_reference": "la misma referencia",
        },
        refund_status={
            "requested": "Por aprobar",
            "approved": "Aprobado",
            "sent": "Enviado",
            "unknown": "Sin confirmar",
            "succeeded": "Hecho",
            "failed": "Falló",
            "rejected": "Rechazado",
        },
        refund_way={
            "provider": "por el proveedor de pagos",
            "manual": "lo paga una persona",
            "dispute": "lo tomó el banco",
        },
        refused={
            "payment_proof_exceeds_due": "Es más de lo que falta por pagar. Si así fue, márcalo abajo.",
            "payment_proof_decided": "Otra persona ya lo decidió.",
            "period_closed": "Ese mes ya está cerrado en los libros.",
            "refund_limit": "Este valor lo aprueba otra persona, con un límite mayor.",
            "refund_not_open": "Ya está decidido, o no lo paga una persona.",
        },
    ),
    "en": Words(
        demo="Demo",
        skip="Skip to content",
        conversations="Conversations",
        orders="Orders",
        sign_in="Sign in",
        sign_in_title="Staff console",
        sign_in_lead="Sign in with your account to see conversations and orders.",
        sign_in_demo="“make up” prints the demo account in the terminal.",
        email_label="E-mail",
        password_label="Password",  # noqa: S106  a label
        sign_out="Sign out",
        sign_in_refused="The e-mail or the password is wrong.",
        too_many_sign_ins="Too many attempts. Wait {minutes} min and try again.",
        other_language="Español",
        all="All",
        all_orders="All",
        just_now="now",
        older="Older",
        no_conversations="No conversations here",
        no_conversations_hint="When a customer writes in the chat, it shows up in this list.",
        choose="Choose a conversation",
        choose_hint="Its messages show here, and new ones arrive by themselves.",
        visitor="Visitor",
        back_to_list="Conversations",
        channel={"web": "Web chat", "whatsapp": "WhatsApp", "telegram": "Telegram"},
        reason="Reason",
        no_orders="No orders here",
        no_orders_hint="Orders confirmed in the chat show up in this list.",
        order="Order",
        placed="Placed",
        lines="Lines",
        total="Total",
        status="Status",
        product="Product",
        quantity="Quantity",
        price="Price",
        subtotal="Subtotal",
        tax="VAT",
        tax_included="VAT included",
        delivery="Delivery",
        address="Address",
        payment="Payment",
        customer="Customer",
        history="History",
        back_to_orders="Orders",
        offline="No connection to the server. The page catches up when it is back.",
        try_again="Try again",
        home="Go to the start",
        forbidden_title="You have no access",
        forbidden="Your account may not see this page. If you need it, ask whoever runs the shop.",
        not_found_title="We cannot find it",
        not_found="This page does not exist, or is no longer where it was.",
        unavailable_title="Not just now",
        unavailable="The system does not answer at the moment. Try again in a few seconds.",
        author={"customer": "Customer", "assistant": "Assistant", "agent": "Team"},
        fate={
            "queued": "queued",
            "sending": "being sent",
            "uncertain": "may not have arrived",
            "sent": "sent",
            "delivered": "delivered",
            "read": "read",
            "failed": "did not arrive",
            "skipped": "not sent",
        },
        fate_reason={
            "blocked": "they blocked the shop",
            "bad_address": "there is no such address",
            "opted_out": "they asked to be left alone",
            "cost_cap": "as many templates as you allow went out today",
            "window_closed": "24 hours have passed since their last message",
            "too_late": "it was too late",
            "channel_closed": "the shop has that channel no more",
            "cut_off": "it was cut off on its way",
            "media_gone": "the file is gone",
        },
        owner={"assistant": "Assistant", "queued": "Waiting", "agent": "With a person", "closed": "Closed"},
        owner_filter={"queued": "Waiting", "agent": "Person", "assistant": "Assistant", "closed": "Closed"},
        handoff_reason={
            "requested": "Asked for a person",
            "misunderstood": "The assistant did not understand",
            "backend_failed": "The order system failed",
            "assistant_failed": "The assistant failed",
            "too_many_turns": "Too many messages in a row",
            "out_of_scope": "Beyond what the assistant does",
            "complaint": "Complaint",
            "claim": "Something did not arrive well",
            "return_without_photo": "Return without a photo",
            "return_appeal": "Disagrees with a refused return",
        },
        order_status={
            "draft": "Draft",
            "placed": "Placed",
            "on_hold": "On hold",
            "confirmed": "Confirmed",
            "cancelled": "Cancelled",
            "closed": "Closed",
        },
        fulfillment_status={
            "none": "No delivery",
            "unfulfilled": "To be prepared",
            "in_progress": "Being prepared",
            "packed": "Packed",
            "partially_shipped": "Shipped in part",
            "shipped": "Shipped",
            "partially_delivered": "Delivered in part",
            "delivered": "Delivered",
        },
        promised="Promised for",
        parcels="Parcels",
        tracking_number="Tracking number",
        to_decide="For the customer to decide",
        pickup="Pickup at",
        parcel_status={
            "packed": "Packed",
            "shipped": "Shipped",
            "in_transit": "On its way",
            "out_for_delivery": "Out for delivery",
            "exception": "Held up",
            "delivered": "Delivered",
            "returned_to_origin": "Undelivered, goes back to the shop",
        },
        payment_status={
            "none": "No payment",
            "due": "To be paid",
            "partly_paid": "Partly paid",
            "paid": "Paid",
            "overpaid": "Overpaid",
            "partly_refunded": "Partly refunded",
            "refunded": "Refunded",
        },
        return_status={"partial": "Part of the goods came back", "full": "All goods came back"},
        returns="Returns",
        return_step={
            "requested": "To be answered",
            "accepted": "Accepted",
            "rejected": "Rejected",
            "in_transit": "On its way",
            "partly_received": "Received in part",
            "received": "Received",
            "inspected": "Inspected",
            "resolved": "Settled",
            "cancelled": "Cancelled",
        },
        return_way={
            "pickup": "We fetch it",
            "drop_off": "Left at a drop-off point",
            "store": "Brought to the store",
            "carrier": "Brought back by the carrier",
        },
        hold_reason={
            "new_customer": "new customer",
            "amount_over": "large amount",
            "payment_method": "payment method",
            "outside_zones": "outside the delivery zones",
            "credit_limit": "credit limit",
            "awaiting_payment": "not paid yet",
            "payment_disputed": "payment disputed",
        },
        held_because="Being reviewed",
        step={
            "placed": "Placed",
            "held": "Held for review",
            "approved": "Approved",
            "rejected": "Rejected",
            "confirmed": "Confirmed",
            "changed": "Changed",
            "promised_later": "The delivery day moved",
            "purchase_order_ok": "Confirmed by the supplier",
            "partner_rejected": "The supplier cannot",
            "backorder_filled": "What it waited for has come",
            "shortage_wait": "The customer waits for what is short",
            "shortage_substitute": "The customer took a substitute",
            "shortage_drop": "What is short was left out",
            "pickup_reset": "Pickup code unlocked",
            "out_for_delivery": "Out for delivery",
            "delayed": "Delayed",
            "attempt_failed": "Delivery attempt failed",
            "wrong_address": "Address not found",
            "lost": "Lost",
            "returned_to_origin": "Undelivered, goes back to the shop",
            "claim_opened": "Claim opened",
            "claim_closed": "Claim closed",
            "return_requested": "Return requested",
            "return_accepted": "Return accepted",
            "return_rejected": "Return rejected",
            "return_appealed": "Asked us to look again",
            "return_cancelled": "Return cancelled",
            "return_in_transit": "Goods on their way back",
            "return_received": "Goods are back",
            "return_inspected": "Goods inspected",
            "return_resolved": "Return resolved",
            "return_bounced": "Parcel came back undelivered",
            "return_wish_chosen": "The customer chose what happens next",
            "payment_recorded": "Payment received",
            "payment_disputed": "Payment disputed",
            "payment_won": "Dispute won",
            "payment_lost": "Dispute lost",
            "refund_requested": "Refund requested",
            "refunded": "Refunded",
            "refund_rejected": "Refund rejected",
            "refund_failed": "Refund failed",
            "proof_sent": "Proof of payment sent",
            "proof_approved": "Proof of payment approved",
            "proof_rejected": "Proof of payment rejected",
            "purchase_order_sent": "Ordered from the supplier",
            "picking": "Being picked",
            "picked": "Picked",
            "short": "Something was short",
            "packed": "Packed",
            "shipped": "Shipped",
            "collected": "Collected",
            "delivered": "Delivered",
            "cancelled": "Cancelled",
            "cancelled_rest": "Cancelled what had not left",
            "closed": "Closed",
        },
        actor={
            "assistant": "Assistant, for the customer",
            "customer": "Customer",
            "staff": "Team",
            "partner": "Partner",
            "carrier": "Carrier",
            "service": "System",
            "system": "System",
        },
        mail="Mail",
        mail_subject="Subject",
        mail_recipient="To",
        mail_written="Written",
        no_mails="No mail here",
        no_mails_hint="What the shop writes to its customers and suppliers shows up in this list.",
        mail_status={
            "queued": "Queued",
            "sending": "Sending",
            "sent": "Sent",
            "failed": "Failed",
            "uncertain": "Unconfirmed",
            "kept": "Kept",
        },
        payments="Payments",
        proofs="Payment proofs",
        proof="Proof",
        proof_sent_at="Sent",
        proof_amount="Amount",
        proof_alike="May be the same money",
        proof_twice="Twice?",
        no_proofs="No payment proofs here",
        no_proofs_hint="When a customer sends the photo of a transfer in the chat, it shows up in this list.",
        proof_picture="Photo of the receipt",
        proof_open_file="Open the file",
        proof_due="Still to pay",
        proof_said="Says they paid",
        proof_not_said="Did not say",
        proof_reference="Reference",
        proof_paid_on="Paid on",
        proof_other_customer="of another customer",
        proof_approve_title="The money is there",
        proof_approve="Record the payment",
        proof_may_exceed="Yes, it is more than is due; the rest becomes the customer's balance",
        proof_reject_title="It is no payment",
        proof_reject="Reject",
        choose_reason="Choose a reason",
        note_to_customer="Message to the customer (only with “another reason”)",
        amount_unreadable="Write the amount in digits, for example 24,900",
        reason_missing="Choose a reason.",
        note_missing="Write why: the customer reads it.",
        note_for_other="A message goes only with “another reason”.",
        refused_otherwise="It could not be saved. Check what you typed and try again.",
        refunds="Refunds",
        no_refunds="No refunds here",
        no_refunds_hint="What is given back to a customer shows up in this list.",
        refund_why_not="If you reject it: why (the customer reads it)",
        refund_approve="Approve",
        refund_reject="Reject",
        refund_paid_bank="Paid by bank",
        refund_paid_cash="Paid in cash",
        proof_status={
            "open": "To review",
            "approved": "Approved",
            "rejected": "Rejected",
        },
        proof_reason={
            "unreadable": "Cannot be read",
            "not_received": "The money has not come",
            "wrong_amount": "The amount differs",
            "wrong_account": "It went to another account",
            "other": "Another reason",
        },
        proof_why_alike={
            "same_picture": "the same picture",
            "same_reference": "the same reference",
        },
        refund_status={
            "requested": "To approve",
            "approved": "Approved",
            "sent": "Sent",
            "unknown": "Unconfirmed",
            "succeeded": "Done",
            "failed": "Failed",
            "rejected": "Rejected",
        },
        refund_way={
            "provider": "by the payment provider",
            "manual": "paid by a person",
            "dispute": "taken by the bank",
        },
        refused={
            "payment_proof_exceeds_due": "That is more than is due. If it is so, tick the box below.",
            "payment_proof_decided": "Someone else decided it already.",
            "period_closed": "That month is closed in the books.",
            "refund_limit": "Another person, with a higher limit, approves this amount.",
            "refund_not_open": "It is decided already, or no person pays it out.",
        },
    ),
}
