"""Catalogue data: watches, shoes, tools, toys, kitchen, bicycles. Values are dollars, used and working.

Invented for the simulator, only meant to be plausible. Line formats are explained in catalog.py.
"""

CATEGORIES = """
31387|Wristwatches|281:Jewelry & Watches>14324:Watches, Parts & Accessories|watch|Watch;Mens Watch;Wristwatch|used_goods|6-14|watch_set,dial
15709|Athletic Shoes|11450:Clothing, Shoes & Accessories>93427:Men's Shoes|sneaker|Sneakers;Shoes;Mens Shoes|footwear|9-16|shoe_size,shoe_color
19006|LEGO Complete Sets & Packs|220:Toys & Hobbies>183446:LEGO & Building Toys|bricks|Set;Building Set;LEGO Set|boxed_toys|8-20|set_state
184655|Cordless Drills|631:Tools & Workshop Equipment>3247:Power Tools|drill|Cordless Drill;Drill Driver;Power Tool|used_goods|9-18|tool_kit
38252|Cappuccino & Espresso Machines|20625:Kitchen, Dining & Bar>20667:Small Kitchen Appliances|espresso|Espresso Machine;Coffee Machine;Espresso Maker|refurb_goods|18-42|machine_color
177831|Bicycle Groupsets & Derailleurs|888:Sporting Goods>57262:Bicycle Components & Parts|derailleur|Rear Derailleur;Groupset;Bike Parts|used_goods|7-18|group_kit
"""

AXES = """
watch_set|watch only:1:.5;with box and papers:1.18:.3;with box:1.07:.2
dial|Black Dial:1:.45;Blue Dial:1.05:.25;White Dial:.98:.2;Green Dial:1.09:.1
gshock_set|-:1:.7;with box:1.1:.3
shoe_size|Size 10:1:.22;Size 9:.98:.2;Size 11:1.02:.2;Size 8.5:.96:.14;Size 12:1.03:.14;Size 13:1.0:.1
shoe_color|Black:1.04:.3;White:1:.25;Grey:.97:.2;Red:1.05:.13;Navy:.98:.12
set_state|complete with minifigures:1:.5;no box:.92:.2;with box and instructions:1.16:.3
tool_kit|tool only:1:.48;with 2 batteries and charger:1.5:.37;with battery:1.28:.15
machine_color|Stainless Steel:1:.62;Black:1.01:.28;Red:1.02:.1
group_kit|derailleur only:1:.5;with shifters:1.5:.3;full groupset:2.3:.2
"""

MODELS = """
31387
Seiko|SKX007|282
Seiko|SKX009|296
Seiko|Alpinist SARB017|465
Seiko|5 Sports SRPD55|168
Seiko|Prospex Turtle SRP777|272
Omega|Speedmaster Professional 3570.50|3650
Omega|Seamaster 300M 2531.80|2180
Omega|Seamaster Aqua Terra 2503.50|1750
Tudor|Black Bay 58|2780
Tudor|Ranger 79950|2050
Rolex|Explorer 14270|5400
Rolex|Datejust 16234|4850
TAG Heuer|Carrera CV2010|1380
TAG Heuer|Formula 1 WAZ1110|545
Hamilton|Khaki Field Mechanical H69439931|352
Hamilton|Intra-Matic H38455751|415
Tissot|PRX Powermatic 80|405
Tissot|Le Locle|298
Citizen|Promaster Diver BN0150|142
Casio|G-Shock DW5600|48|gshock_set
Casio|G-Shock GA2100|78|gshock_set
Orient|Bambino|118
Bulova|Lunar Pilot 96B251|298
Longines|HydroConquest L3.642|765
15709
Nike|Air Jordan 1 Retro High OG Chicago|325
Nike|Air Jordan 4 Retro Bred|232
Nike|Air Jordan 11 Retro Concord|212
Nike|Dunk Low Panda|92
Nike|Air Max 90|82
Nike|Air Max 97|98
Nike|Vaporfly Next% 2|128
Nike|SB Dunk Low Pro|118
Adidas|Yeezy Boost 350 V2|198
Adidas|Yeezy Slide|92
Adidas|Ultraboost 22|78
Adidas|Samba OG|84
New Balance|990v5|118
New Balance|550|82
New Balance|2002R|96
Asics|Gel-Kayano 14|102
Hoka|Clifton 9|88
Salomon|XT-6|116
Converse|Chuck 70|52
19006
LEGO|Star Wars 75192 Millennium Falcon UCS|642
LEGO|Star Wars 75313 AT-AT UCS|612
LEGO|Star Wars 75059 Sandcrawler|432
LEGO|Star Wars 7965 Millennium Falcon|178
LEGO|Creator 10214 Tower Bridge|282
LEGO|Creator 10182 Cafe Corner|1050
LEGO|Creator 10190 Market Street|780
LEGO|Creator 10218 Pet Shop|212
LEGO|Creator 10255 Assembly Square|232
LEGO|Technic 42083 Bugatti Chiron|278
LEGO|Technic 42056 Porsche 911 GT3 RS|398
LEGO|Technic 42115 Lamborghini Sian|298
LEGO|Harry Potter 71043 Hogwarts Castle|332
LEGO|Harry Potter 10217 Diagon Alley|365
LEGO|Ideas 21309 NASA Apollo Saturn V|152
LEGO|Ideas 21318 Tree House|192
LEGO|Ninjago 70620 Ninjago City|432
LEGO|City 60197 Passenger Train|108
LEGO|Icons 10294 Titanic|512
184655
DeWalt|DCD791 20V Brushless|68
DeWalt|DCD996 20V Hammer|98
DeWalt|DCF887 Impact Driver|72
DeWalt|DCH273 SDS Rotary Hammer|182
Makita|XPH14 18V|108
Makita|XFD13 18V|64
Makita|XDT16 Impact Driver|96
Makita|XRH01 Rotary Hammer|172
Milwaukee|2804-20 M18 Fuel|98
Milwaukee|2903-20 M18 Fuel|118
Milwaukee|2853-20 M18 Impact Driver|88
Milwaukee|3404-20 M12 Fuel|76
Milwaukee|2767-20 M18 High Torque|168
Bosch|GSR18V-535C|92
Bosch|GBH18V-26 Bulldog|178
Ryobi|P252 One+ Brushless|44
Ridgid|R86115 18V Brushless|62
Festool|TDC 18/4|212
Hilti|SF 6H-22|192
Metabo|SB 18 LTX|142
38252
Breville|Barista Express BES870XL|368
Breville|Barista Pro BES878|452
Breville|Bambino Plus BES500|262
Breville|Dual Boiler BES920|820
Breville|Oracle Touch BES990|1380
Gaggia|Classic Pro|312
Gaggia|Anima Prestige|398
Rancilio|Silvia|465
La Marzocco|Linea Mini|4250
Rocket|Appartamento|1150
Lelit|Mara X|1080
Lelit|Bianca V3|1980
Profitec|Pro 600|1690
DeLonghi|La Specialista Arte|342
DeLonghi|Magnifica Evo|398
DeLonghi|Dedica EC685|132
Jura|E8|1120
Philips|3200 LatteGo|428
Nespresso|Creatista Plus|245
Flair|58 Lever|385
177831
Shimano|Ultegra R8000|78
Shimano|Ultegra Di2 R8150|242
Shimano|Dura-Ace R9100|148
Shimano|Dura-Ace Di2 R9250|485
Shimano|105 R7000|44
Shimano|Deore XT M8100|72
Shimano|XTR M9100|128
Shimano|GRX RX810|82
Shimano|Deore M6100|38
SRAM|Force eTap AXS|298
SRAM|Red eTap AXS|428
SRAM|Rival eTap AXS|198
SRAM|X01 Eagle|142
SRAM|GX Eagle|82
SRAM|XX1 Eagle AXS|432
Campagnolo|Chorus 12|142
Campagnolo|Super Record 12|325
Campagnolo|Record 11|172
"""

ACCESSORIES = """
31387|Leather Strap for {m}:22;Steel Bracelet for {m}:58;Box Only for {m}:34;Crystal for {m}:19;Links for {m}:28
15709|Replacement Laces for {m}:9;Insoles for {m}:14;Empty Box Only {m}:13;Shoe Trees for {m}:18
19006|LED Light Kit for {m}:34;Instructions Only for {m}:17;Minifigure Only from {m}:21;Display Case for {m}:62;Box Only {m}:29
184655|Battery for {m}:34;Charger for {m}:26;Belt Clip for {m}:8;Chuck for {m}:18;Empty Case for {m}:16
38252|Portafilter for {m}:44;Drip Tray for {m}:22;Gasket Kit for {m}:12;Water Tank for {m}:31;Bottomless Basket for {m}:24
177831|Hanger for {m}:14;Jockey Wheels for {m}:19;Cable Set for {m}:16;Chain for {m}:28;Battery for {m}:46
"""
