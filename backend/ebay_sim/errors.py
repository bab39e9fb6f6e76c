"""eBay's error ids, their texts, and the envelope they come in."""

from dataclasses import dataclass, field
from typing import Any

_BROWSE: dict[int, str] = {
    11001: "The specified item ID was not found.",
    11003: "The specified legacy item ID was not found.",
    11012: "The specified item IDs are invalid, or the format of the specified values are invalid.",
    12001: "The call must have a valid 'q', 'category_ids', 'epid' or 'gtin' query parameter.",
    12002: "The {filterName} value is invalid. For the valid values, refer to the API call documentation.",
    12004: "The 'offset' value cannot be negative.",
    12005: "The 'offset' value must be an integer.",
    12006: "The 'limit' value should be between 1 and 200 (inclusive).",
    12007: "The 'limit' value must be an integer value.",
    12008: "The 'sort' value is invalid. For the valid values, refer to the API call documentation.",
    12009: "The 'category_ids' query parameter is invalid.",
    12010: "There are four filters required for local pickup. 'pickupPostalCode','pickupCountry','pickupRadiusUnit',"
    "'pickupRadius'. One or more is missing or invalid.",
    12011: "'deliveryCountry' is a mandatory filter to provide a delivery location. 'deliveryPostalCode' is optional.",
    12012: "A valid 'price' filter and a valid 'priceCurrency' filter is necessary to filter based on price.",
    12013: "Top level category browsing is not allowed. Please provide keywords or more filters for the applied top level category.",
    12014: "The 'sellerAccountTypes' filter is not supported for the marketplace {marketplaceId}.",
    12015: "The postal code filter value is invalid for the specified country and this filter was ignored.",
    12016: "The 'fieldgroups' value {fieldgroups} is invalid. For the valid values, refer to the API call reference documentation",
    12017: "The 'aspect_filter' query parameter must include a categoryId. For information, see the API call reference documentation.",
    12018: "The {aspectFilter} aspect_filter value is invalid. For information, see the API call reference documentation.",
    12022: "The 'gtin' value {gtin} is invalid. For information, see the API call reference documentation.",
    12027: "The 'auto_correct' value is invalid. For the valid values, refer to the API call documentation.",
    12029: "The maximum number of listings that can be retrieved is 10,000, so your offset value must be less than 10,000.",
    12030: "The number of categories in the request has exceeded the limit. Please reduce the number of categories to 3 or less.",
    12032: "The number of sellers in the filter has exceeded the limit. Please reduce the number of sellers to 250 or fewer.",
    12515: "The 'offset' value must be either zero or a multiple of the 'limit' value.",
    12516: "The 'q' value is invalid. It must be longer than one character when using the 'searchInDescription' filter.",
    12517: "Only one item location filter can be applied at a time. Refer to the API call documentation.",
    12520: "The 'conditionIds' filter value is invalid or not supported. For the supported values, refer to the API call documentation.",
}
_INSIGHTS: dict[int, str] = {
    100001: "The call must have a valid 'q', 'category_ids', 'epid' or 'gtin' query parameter.",
    100002: "The 'offset' value is invalid. Offset cannot be negative and must be an integer.",
    100003: "The 'limit' value should be between 1 and 200 (inclusive).",
    100004: "The category specified is a top-level category. To use this category, you must include a keyword or epid or gtin.",
    100006: "The 'sort' value is invalid. For the valid values, refer to the API call documentation.",
    100007: "A valid 'price' filter and a valid 'priceCurrency' filter is required to filter based on price.",
    100011: "The {filterName} value is invalid. For the valid values, refer to the API call documentation.",
    100015: "The category {categoryId} is not supported.",
    100018: "This query requires at least one category.",
    100019: "You have exceeded the maximum number of categories. The maximum number is 3.",
    100021: "The maximum number of listings that can be retrieved is 10,000, so your offset value must be less than 10,000.",
}
_TAXONOMY: dict[int, str] = {
    62002: "Missing marketplace ID.",
    62003: "The specified marketplace ID was not found.",
    62004: "The specified category tree ID was not found.",
    62005: "The specified category ID does not belong to specified category tree.",
    62006: "Missing category ID.",
    62007: "Missing keyword 'q'. Please specify a valid set of keywords that best describes your item.",
    62009: "The specified category ID must be a leaf category.",
}
_DOMAINS = (
    ("API_BROWSE", _BROWSE),
    ("API_MARKETPLACE_INSIGHTS", _INSIGHTS),
    ("API_TAXONOMY", _TAXONOMY),
)
_BUSINESS = {12013, 12014, 100004, 100015}


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of eBay's `errors` or `warnings`."""

    id: int
    parameters: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The entry as it stands in an answer."""
        domain, texts = next((domain, texts) for domain, texts in _DOMAINS if self.id in texts)
        message = texts[self.id]
        for name, value in self.parameters.items():
            message = message.replace(f"{{{name}}}", value)
        entry: dict[str, Any] = {
            "errorId": self.id,
            "domain": domain,
            "category": "BUSINESS" if self.id in _BUSINESS else "REQUEST",
            "message": message,
        }
        if self.parameters:
            entry["parameters"] = [
                {"name": name, "value": value} for name, value in self.parameters.items()
            ]
        return entry


class EbayError(Exception):
    """An answer that is an error envelope; routes raise it, the app renders it."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def refused(status: int, error_id: int, **parameters: str) -> EbayError:
    """The error to raise for one error id."""
    return EbayError(status, {"errors": [Fault(error_id, parameters).as_json()]})


def envelope(
    error_id: int, domain: str, category: str, message: str, long_message: str
) -> dict[str, Any]:
    """The envelope for faults that belong to no single API: tokens, limits, internal errors."""
    entry = {
        "errorId": error_id,
        "domain": domain,
        "category": category,
        "message": message,
        "longMessage": long_message,
    }
    return {"errors": [entry]}
