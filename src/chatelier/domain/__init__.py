"""The verbs. A verb takes either ``db`` (it joins the caller's transaction and never commits) or ``services``
(it owns short transactions), never both. No HTTP, no templates, no SDK here."""
