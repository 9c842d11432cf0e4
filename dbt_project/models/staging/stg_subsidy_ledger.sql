-- Payments of subsidies, one a payment_id and delivery month. Counties stand under today's codes, since a running
-- account outlives a change of codes; facility_id is _Z (not applicable) where a payment to a person names none.
{{ staged_payments(source('landing', 'subsidy_ledger')) }}
