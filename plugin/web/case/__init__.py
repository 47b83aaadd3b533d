"""The page of a disagreement and what is done from it: acting, its policy, its deliveries, filing by hand."""
