"""Catalogue data: phones, computers, consoles. Values are dollars for a used, working item.

Invented for the simulator, only meant to be plausible. Line formats are explained in catalog.py.
"""

CATEGORIES = """
9355|Cell Phones & Smartphones|15032:Cell Phones & Accessories|phone|Smartphone;Phone;Cell Phone|refurb_goods|5-10|phone_storage,carrier,phone_color
177|PC Laptops & Netbooks|58058:Computers/Tablets & Networking>175672:Laptops & Netbooks|laptop|Laptop;Notebook;Laptop PC|refurb_goods|12-24|laptop_cpu,laptop_ram,laptop_ssd
111422|Apple Laptops|58058:Computers/Tablets & Networking>175672:Laptops & Netbooks|laptop|Laptop;Notebook|refurb_goods|12-24|mac_ram,mac_ssd,mac_color
171485|Tablets & eBook Readers|58058:Computers/Tablets & Networking|tablet|Tablet;Wi-Fi Tablet|refurb_goods|6-14|tablet_storage,tablet_color
27386|Graphics/Video Cards|58058:Computers/Tablets & Networking>175673:Computer Components & Parts|gpu|Graphics Card;GPU;Video Card|used_goods|9-18|gpu_maker
139971|Video Game Consoles|1249:Video Games & Consoles|console|Console;Game Console;System|refurb_goods|11-22|console_kit,console_color
139973|Video Games|1249:Video Games & Consoles|game|Game;Video Game|graded_media|3-6|game_state
"""

AXES = """
phone_storage|128GB:1:.46;256GB:1.13:.32;512GB:1.3:.14;64GB:.86:.08
phone_storage_big|256GB:1:.5;512GB:1.16:.34;1TB:1.34:.16
phone_storage_old|64GB:1:.55;128GB:1.12:.3;256GB:1.24:.15
carrier|Unlocked:1:.66;Verizon:.9:.13;AT&T:.88:.11;T-Mobile:.89:.1
phone_color|Black:1:.32;White:1:.2;Blue:1:.2;Purple:1.01:.12;Red:1:.08;Green:1:.08
laptop_cpu|i5:1:.5;i7:1.24:.4;i3:.72:.1
laptop_ram|16GB RAM:1:.5;8GB RAM:.83:.32;32GB RAM:1.22:.18
laptop_ssd|512GB SSD:1:.45;256GB SSD:.91:.35;1TB SSD:1.13:.2
gaming_ram|16GB RAM:1:.7;32GB RAM:1.15:.3
gaming_ssd|1TB SSD:1:.6;512GB SSD:.93:.4
mac_ram|8GB:1:.52;16GB:1.21:.38;24GB:1.36:.1
macpro_ram|16GB:1:.55;32GB:1.24:.3;36GB:1.3:.15
mac_ssd|256GB:1:.48;512GB:1.15:.36;1TB:1.33:.16
macpro_ssd|512GB:1:.55;1TB:1.17:.35;2TB:1.38:.1
mac_color|Space Gray:1:.45;Silver:1:.35;Midnight:1.02:.2
tablet_storage|64GB:1:.3;128GB:1.1:.3;256GB:1.24:.28;512GB:1.45:.12
tablet_color|Space Gray:1:.5;Silver:1:.3;Blue:1:.2
reader_storage|8GB:1:.4;16GB:1.12:.35;32GB:1.28:.25
gpu_maker|ASUS TUF:1.06:.2;MSI Gaming X Trio:1.04:.2;EVGA FTW3:1.03:.15;Gigabyte Eagle:.97:.2;Zotac Twin Edge:.94:.15;Founders Edition:1.09:.1
radeon_maker|Sapphire Nitro+:1.07:.3;PowerColor Red Devil:1.05:.25;XFX Speedster:.98:.3;ASRock Challenger:.95:.15
console_kit|-:1:.5;with 2 controllers:1.14:.25;console only:.86:.25
console_color|White:1:.5;Black:1:.4;Red:1.05:.1
retro_kit|complete with cables and controller:1:.55;console only:.72:.3;CIB complete in box:1.5:.15
game_state|complete in box:1:.48;disc only:.66:.28;with case and manual:1.08:.24
cart_state|cartridge only:1:.62;complete in box CIB:1.75:.2;with manual:1.22:.18
"""

MODELS = """
9355
Apple|iPhone 13|318
Apple|iPhone 13 Pro|398
Apple|iPhone 14|402
Apple|iPhone 14 Pro|532
Apple|iPhone 14 Pro Max|598
Apple|iPhone 15|520
Apple|iPhone 15 Pro|672
Apple|iPhone 15 Pro Max|765|phone_storage_big,carrier,phone_color
Apple|iPhone 12|222|phone_storage_old,carrier,phone_color
Apple|iPhone 11|182|phone_storage_old,carrier,phone_color
Apple|iPhone XR|128|phone_storage_old,carrier,phone_color
Apple|iPhone SE 2022|138|phone_storage_old,carrier,phone_color
Samsung|Galaxy S21|152
Samsung|Galaxy S22 Ultra|342
Samsung|Galaxy S23|335
Samsung|Galaxy S23 Ultra|528|phone_storage_big,carrier,phone_color
Samsung|Galaxy S24 Ultra|742|phone_storage_big,carrier,phone_color
Samsung|Galaxy Z Flip5|348|phone_storage_big,carrier,phone_color
Google|Pixel 6a|118
Google|Pixel 7|178
Google|Pixel 7 Pro|228
Google|Pixel 8|292
Google|Pixel 8 Pro|398
OnePlus|11 5G|268|phone_storage_big,carrier,phone_color
177
Lenovo|ThinkPad X1 Carbon Gen 9|468
Lenovo|ThinkPad T480|178
Lenovo|ThinkPad T14 Gen 2|332
Lenovo|ThinkPad P1 Gen 4|720
Lenovo|Legion 5 RTX 3060|595|gaming_ram,gaming_ssd
Dell|XPS 13 9310|430
Dell|XPS 15 9520|742
Dell|Latitude 7490|172
Dell|Latitude 5420|248
Dell|Precision 5560|690
HP|EliteBook 840 G8|298
HP|Spectre x360 14|485
HP|ZBook Firefly 14 G8|352
HP|Omen 16 RTX 3070|742|gaming_ram,gaming_ssd
ASUS|ROG Zephyrus G14|780|gaming_ram,gaming_ssd
ASUS|ZenBook 14 OLED|445
ASUS|TUF Gaming A15|560|gaming_ram,gaming_ssd
Acer|Swift 3|285
Acer|Nitro 5|455|gaming_ram,gaming_ssd
Microsoft|Surface Laptop 4|398
Razer|Blade 15|890|gaming_ram,gaming_ssd
111422
Apple|MacBook Air M1 13-inch 2020|445
Apple|MacBook Air M2 13-inch 2022|648
Apple|MacBook Air M3 13-inch 2024|812
Apple|MacBook Air M2 15-inch 2023|745
Apple|MacBook Pro 13 M1 2020|520
Apple|MacBook Pro 13 M2 2022|690
Apple|MacBook Pro 14 M1 Pro 2021|890|macpro_ram,macpro_ssd,mac_color
Apple|MacBook Pro 16 M1 Pro 2021|1040|macpro_ram,macpro_ssd,mac_color
Apple|MacBook Pro 14 M2 Pro 2023|1180|macpro_ram,macpro_ssd,mac_color
Apple|MacBook Pro 16 M1 Max 2021|1290|macpro_ram,macpro_ssd,mac_color
Apple|MacBook Pro 14 M3 Pro 2023|1390|macpro_ram,macpro_ssd,mac_color
Apple|MacBook Pro 15 Retina 2015 A1398|248|mac_ram,mac_ssd
171485
Apple|iPad 9th Generation 10.2|178
Apple|iPad 10th Generation 10.9|242
Apple|iPad Air 4|272
Apple|iPad Air 5 M1|365
Apple|iPad Mini 6|318
Apple|iPad Pro 11 M1 2021|428
Apple|iPad Pro 12.9 M1 2021|535
Apple|iPad Pro 11 M2 2022|572
Samsung|Galaxy Tab S7|248
Samsung|Galaxy Tab S8 Ultra|495
Samsung|Galaxy Tab A8|98
Amazon|Kindle Paperwhite 11th Gen|82|reader_storage
Amazon|Kindle Oasis|142|reader_storage
Kobo|Libra 2|118|reader_storage
reMarkable|2|255|reader_storage
Microsoft|Surface Pro 7|268
Microsoft|Surface Pro 8|452
27386
NVIDIA|GeForce RTX 3060 12GB|212
NVIDIA|GeForce RTX 3060 Ti 8GB|232
NVIDIA|GeForce RTX 3070 8GB|258
NVIDIA|GeForce RTX 3080 10GB|368
NVIDIA|GeForce RTX 3080 Ti 12GB|428
NVIDIA|GeForce RTX 3090 24GB|742
NVIDIA|GeForce RTX 4060 8GB|262
NVIDIA|GeForce RTX 4070 12GB|462
NVIDIA|GeForce RTX 4070 Ti 12GB|612
NVIDIA|GeForce RTX 4080 16GB|880
NVIDIA|GeForce RTX 4090 24GB|1740
NVIDIA|GeForce GTX 1080 Ti 11GB|158
NVIDIA|GeForce GTX 1660 Super 6GB|108
NVIDIA|GeForce RTX 2070 Super 8GB|168
AMD|Radeon RX 6600 XT 8GB|172|radeon_maker
AMD|Radeon RX 6700 XT 12GB|242|radeon_maker
AMD|Radeon RX 6800 XT 16GB|352|radeon_maker
AMD|Radeon RX 7800 XT 16GB|428|radeon_maker
AMD|Radeon RX 7900 XTX 24GB|765|radeon_maker
AMD|Radeon RX 580 8GB|68|radeon_maker
139971
Sony|PlayStation 5 Disc Edition|378
Sony|PlayStation 5 Digital Edition|318
Sony|PlayStation 4 Pro 1TB|192
Sony|PlayStation 4 Slim 500GB|138
Sony|PlayStation 3 Super Slim|92
Sony|PlayStation 2 Slim|78|retro_kit
Sony|PS Vita OLED|182
Microsoft|Xbox Series X 1TB|342
Microsoft|Xbox Series S 512GB|182
Microsoft|Xbox One X 1TB|158
Microsoft|Xbox 360 Slim|68
Nintendo|Switch OLED|232
Nintendo|Switch V2|172
Nintendo|Switch Lite|118
Nintendo|Wii U 32GB|112
Nintendo|GameCube|98|retro_kit
Nintendo|64 N64|92|retro_kit
Nintendo|3DS XL|168
Sega|Dreamcast|118|retro_kit
Sega|Genesis Model 1|72|retro_kit
Valve|Steam Deck 512GB|398
Valve|Steam Deck OLED 512GB|482
139973
Nintendo|Zelda Tears of the Kingdom Switch|42
Nintendo|Mario Kart 8 Deluxe Switch|38
Nintendo|Super Smash Bros Ultimate Switch|42
Nintendo|Pokemon Emerald GBA|142|cart_state
Nintendo|Pokemon Heart Gold DS|128|cart_state
Nintendo|Pokemon Yellow Game Boy|58|cart_state
Nintendo|Chrono Trigger SNES|178|cart_state
Nintendo|EarthBound SNES|245|cart_state
Nintendo|Super Mario RPG SNES|62|cart_state
Nintendo|Conkers Bad Fur Day N64|132|cart_state
Nintendo|Paper Mario Thousand Year Door GameCube|78
Nintendo|Fire Emblem Path of Radiance GameCube|192
Sony|Elden Ring PS5|34
Sony|Silent Hill PS1|92
Sony|Suikoden II PS1|188
Sony|Rule of Rose PS2|420
Sony|Persona 4 PS2|48
Sega|Panzer Dragoon Saga Saturn|780
Microsoft|Steel Battalion Xbox|168
Capcom|Mega Man X3 SNES|265|cart_state
"""

ACCESSORIES = """
9355|Case for {m}:12;Screen Protector for {m}:8;Charger for {m}:14;LCD Screen Replacement for {m}:44;Box Only {m} Empty Box:11;Battery for {m}:19
177|AC Adapter for {m}:18;Keyboard for {m}:26;Battery for {m}:34;Sleeve Case for {m}:17;LCD Hinge for {m}:15
111422|Hard Shell Case for {m}:16;Charger for {m}:28;Battery for {m}:46;Keyboard Cover for {m}:9;Box Only {m} Empty Box:18
171485|Folio Case for {m}:15;Screen Protector for {m}:9;Stylus Pen for {m}:24;Keyboard Cover for {m}:48;Charger for {m}:13
27386|Backplate for {m}:26;Replacement Fan for {m}:19;Support Bracket for {m}:14;Water Block for {m}:88;Box Only {m} Empty Box:16
139971|Controller for {m}:34;Power Cord for {m}:11;Carrying Case for {m}:19;HDMI Cable for {m}:9;Cooling Stand for {m}:23;Box Only {m} Empty Box:21
139973|Case Only for {m} No Game:8;Manual Only for {m}:14;Strategy Guide for {m}:19;Replacement Case for {m}:6
"""
