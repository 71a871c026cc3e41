"""Products in and out as files: Shopify's CSV and Google's product feed."""
