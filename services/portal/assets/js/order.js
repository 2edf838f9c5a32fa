// The order of schools by drag; see the page of the order.
