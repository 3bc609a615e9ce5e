"""The factor formula (因素法), exact: entitlements and what they are made of."""
