"""The vocabulary of the invented company: people, departments, systems, and hostile names.

Larkspur Group, its people and its suppliers do not exist; hosts end in `.example`.
"""

from __future__ import annotations

from typing import Final

COMPANY: Final = "Larkspur Group"
DOMAIN: Final = "larkspur.example"
PUBLISHER_PREFIX: Final = "lkg"

GIVEN_NAMES: Final = (
    "Alice", "Amelia", "Andreas", "Anja", "Anna", "Ben", "Birgit", "Carla", "Charlotte",
    "Christian", "Claire", "Clara", "Daniel", "David", "Dieter", "Elena", "Elisabeth", "Ella",
    "Emil", "Emily", "Emma", "Eric", "Eva", "Felix", "Florian", "Franziska", "Fred", "George",
    "Grace", "Hanna", "Harry", "Heike", "Helen", "Henrik", "Holger", "Ida", "Ines", "Isabel",
    "Jack", "James", "Jan", "Jana", "Jens", "Johanna", "Jonas", "Julia", "Karin", "Karl",
    "Katharina", "Kevin", "Klaus", "Lars", "Laura", "Lea", "Lena", "Leon", "Lily", "Linda",
    "Louis", "Lucas", "Lucy", "Luisa", "Maria", "Marie", "Mark", "Markus", "Martin", "Max",
    "Megan", "Michael", "Mia", "Nadine", "Nick", "Nicole", "Nina", "Noah", "Oliver", "Olivia",
    "Oskar", "Paul", "Paula", "Peter", "Petra", "Philip", "Rachel", "Ralf", "Rebecca", "Robert",
    "Rosa", "Ruth", "Sabine", "Sam", "Sandra", "Sarah", "Sebastian", "Silke", "Simon", "Sofia",
    "Stefan", "Susan", "Tanja", "Theo", "Thomas", "Tim", "Tobias", "Uwe", "Vera", "Victor",
    "Walter", "William", "Yasmin", "Zoe",
)  # fmt: skip
FAMILY_NAMES: Final = (
    "Abbott", "Albrecht", "Ashdown", "Bachmann", "Barlow", "Baumgart", "Beckett", "Bender",
    "Birkholz", "Blackwood", "Brandt", "Brennan", "Briggs", "Brookfield", "Bruckner", "Burgess",
    "Carver", "Chandler", "Clifton", "Conrad", "Crawley", "Dahlke", "Dalton", "Denning",
    "Dietrich", "Drummond", "Eberhart", "Eckert", "Ellwood", "Engelmann", "Fairley", "Falk",
    "Fenwick", "Fielding", "Finkler", "Fletcher", "Friedel", "Garland", "Gebhardt", "Gerlach",
    "Gilmore", "Goodwin", "Grantham", "Gruber", "Hadley", "Hagemann", "Halloran", "Hartwig",
    "Hawthorne", "Heller", "Hendricks", "Hollis", "Holzer", "Hoskins", "Huber", "Ingram",
    "Jacoby", "Janssen", "Jarvis", "Jessop", "Kaiser", "Keller", "Kendrick", "Kessler",
    "Kirchner", "Kohler", "Krause", "Kuhn", "Lambert", "Langley", "Lehmann", "Lindner",
    "Lockwood", "Lorenz", "Lowell", "Mahler", "Marsden", "Mayfield", "Meissner", "Merrick",
    "Milford", "Moser", "Naumann", "Neubauer", "Norwood", "Oakley", "Osborne", "Ostheim",
    "Palmer", "Pemberton", "Pfeiffer", "Pohl", "Prescott", "Quint", "Radcliffe", "Rademacher",
    "Reinhardt", "Ridley", "Rothman", "Ruland", "Sawyer", "Schilling", "Schuster", "Seidel",
    "Selby", "Sommer", "Stadler", "Stanton", "Steiner", "Straub", "Sutcliffe", "Tanner", "Thorne",
    "Tillman", "Ullrich", "Vance", "Vogt", "Wagner", "Wakefield", "Walther", "Wendt", "Westbrook",
    "Whitlock", "Winkler", "Wolff", "Yardley", "Zander", "Zeller",
)  # fmt: skip
DEPARTMENTS: Final[dict[str, tuple[str, ...]]] = {
    "Finance": ("Accountant", "Controller", "Head of Finance", "Treasury Analyst"),
    "Human Resources": ("HR Partner", "Recruiter", "Head of HR", "Payroll Specialist"),
    "IT": ("Integration Engineer", "Platform Administrator", "Developer", "IT Service Manager"),
    "Sales": ("Account Manager", "Sales Operations Analyst", "Head of Sales", "Inside Sales"),
    "Marketing": ("Campaign Manager", "Content Editor", "Marketing Analyst"),
    "Logistics": ("Dispatcher", "Warehouse Lead", "Supply Planner"),
    "Produktion": ("Schichtleiter", "Produktionsplaner", "Werkstechniker"),
    "Quality": ("Quality Engineer", "Auditor", "Lab Technician"),
    "Procurement": ("Buyer", "Category Manager", "Supplier Manager"),
    "Customer Service": ("Service Agent", "Team Lead Service", "Process Analyst"),
    "Legal": ("Counsel", "Data Protection Officer"),
}
GUEST_COMPANIES: Final = (
    ("Brightwater Consulting", "brightwater.example"),
    ("Falkenried Software", "falkenried.example"),
    ("Ostholm Logistik", "ostholm.example"),
)
MAKER_DEPARTMENTS: Final = ("IT", "Finance", "Sales", "Logistics", "Customer Service")

# An invented system: title, host label, what it keeps (nouns, singular).
SYSTEMS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("Order Hub", "orders", ("Order", "OrderLine", "Shipment")),
    ("Invoice Archive", "invoices", ("Invoice", "CreditNote", "Document")),
    ("Lagerbestand", "lager", ("Artikel", "Lagerplatz", "Umbuchung")),
    ("Customer Master", "customers", ("Customer", "Contact", "Address")),
    ("Pricing Service", "pricing", ("Price", "Discount", "PriceList")),
    ("Quality Records", "quality", ("Inspection", "Deviation", "Certificate")),
    ("Personalakte", "personal", ("Mitarbeiter", "Vertrag", "Abwesenheit")),
    ("Shipment Tracking", "tracking", ("Shipment", "Event", "Carrier")),
    ("Supplier Portal", "suppliers", ("Supplier", "Offer", "Rating")),
    ("Contract Register", "contracts", ("Contract", "Clause", "Signature")),
    ("Maintenance Planner", "maintenance", ("WorkOrder", "Machine", "SparePart")),
    ("Zeiterfassung", "zeit", ("Buchung", "Schicht", "Konto")),
    ("Travel Desk", "travel", ("Trip", "Expense", "Receipt")),
    ("Asset Register", "assets", ("Asset", "Location", "Handover")),
    ("Product Catalogue", "catalogue", ("Product", "Variant", "Media")),
    ("Fleet Manager", "fleet", ("Vehicle", "Booking", "Mileage")),
    ("Complaint Desk", "complaints", ("Complaint", "Claim", "Resolution")),
    ("Energiemonitor", "energie", ("Anlage", "Messwert", "Alarm")),
    ("Sensor Gateway", "sensors", ("Device", "Reading", "Alert")),
    ("Payment Bridge", "payments", ("Payment", "Refund", "Mandate")),
    ("Credit Check", "credit", ("Report", "Score", "Watch")),
    ("Label Printing", "labels", ("Label", "Printer", "Job")),
    ("Translation Desk", "translation", ("Text", "Glossary", "Request")),
    ("Training Portal", "training", ("Course", "Enrolment", "Certificate")),
    ("Visitor Desk", "visitors", ("Visit", "Badge", "Host")),
    ("Incident Board", "incidents", ("Incident", "Task", "Change")),
    ("Data Lake Gateway", "lake", ("Dataset", "Query", "Export")),
    ("E-Signature", "esign", ("Envelope", "Recipient", "Template")),
    ("Weather Feed", "weather", ("Forecast", "Station", "Warning")),
    ("Currency Rates", "rates", ("Rate", "Currency", "Fixing")),
)
SYSTEM_OWNERS: Final = (
    "Larkspur", "Brightwater", "Falkenried", "Ostholm", "Quillon", "Tamarin", "Velder", "Morrowby",
    "Kestrelworks", "Nordhain", "Alderbay", "Pinnacre",
)  # fmt: skip
VERBS: Final = (("get", "List", "s"), ("get", "Get", ""), ("post", "Create", ""),
                ("patch", "Update", ""), ("delete", "Delete", ""), ("post", "Search", "s"))  # fmt: skip

GERMAN_SYSTEMS: Final = frozenset({"lager", "personal", "zeit", "energie"})
"""Labels of the systems whose makers name things in German."""

FLOW_NAMES: Final = (
    "Notify team about new {noun}", "Daily {noun} report", "{noun} approval: {department}",
    "Sync {noun} to SharePoint", "Archive {noun} attachments", "{noun} escalation",
    "Remind owner of open {noun}", "Import {noun} from mailbox", "Create {noun} from form",
    "Weekly {department} digest", "Update {noun} status", "Clean up old {noun} records",
    "{department}: {noun} hand-over",
)  # fmt: skip
GERMAN_FLOW_NAMES: Final = (
    "{noun} prüfen", "{noun} an {department} melden", "{noun} täglich abgleichen",
    "Genehmigung {noun}", "{noun} aus Postfach übernehmen", "Erinnerung: {noun} offen",
)  # fmt: skip
APP_NAMES: Final = (
    "{noun} Desk", "{department} Cockpit", "{noun} Inspector", "{noun} Request", "My {noun}",
    "{department} Self Service", "{noun} Scanner", "Mobile {noun}",
)  # fmt: skip
GERMAN_APP_NAMES: Final = ("{noun} erfassen", "{noun} Übersicht", "Meine Werkzeuge: {noun}")
ENVIRONMENT_AREAS: Final = (
    "Finance", "HR", "Sales", "Marketing", "Logistics", "Produktion", "Quality", "Procurement",
    "Service", "Legal", "Engineering", "Retail", "Facilities", "Treasury", "Werk Nord", "Werk Süd",
    "Iberia", "Nordics", "Benelux", "UK",
)  # fmt: skip

# Names as a careless or hostile maker might type them; each is planted once per tenant at most.
HOSTILE_CONNECTORS: Final = ("<script>alert(1)</script>", "在庫照会コネクタ", "Zugänge \N{ROCKET}")
HOSTILE_FLOWS: Final = (
    '=HYPERLINK("http://evil.example")',
    "承認ワークフロー",
    "Approve everything that arrives and forward it to the next desk " * 5,
)
HOSTILE_APPS: Final = (
    "![x](http://evil.example/x.png)",
    "\N{RIGHT-TO-LEFT MARK}Claims\u202etxt.exe",
)
HOSTILE_CONNECTIONS: Final = ("<img src=x onerror=alert(1)>", "+49 30 000000 | @SUM(1+1)")
HOSTILE_LENGTH: Final = 300
