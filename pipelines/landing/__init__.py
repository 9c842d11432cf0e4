"""Landing: discover → read → validate → land. Raw deliveries in; checked Parquet, quarantine and a full count out."""
