"""Catalogue data: cameras, lenses, instruments, audio. Values are dollars for a used, working item.

Invented for the simulator, only meant to be plausible. Line formats are explained in catalog.py.
"""

CATEGORIES = """
15230|Film Cameras|625:Cameras & Photo>69323:Film Photography|camera|35mm Film Camera;SLR Film Camera;Film Camera;35mm Camera|used_goods|8-18|body,finish
3323|Lenses|625:Cameras & Photo>78997:Lenses & Filters|lens|Lens;Camera Lens;Prime Lens|used_goods|7-15|mount_mark
33034|Electric Guitars|619:Musical Instruments & Gear>3858:Guitars & Basses|guitar|Electric Guitar;Guitar|used_goods|25-60|guitar_color,guitar_years
38071|Synthesizers|619:Musical Instruments & Gear>180010:Pro Audio Equipment|synth|Synthesizer;Analog Synth;Keyboard Synthesizer|used_goods|18-45|synth_kit
112529|Headphones|293:Consumer Electronics>15052:Portable Audio & Headphones|headphones|Headphones;Wireless Headphones;Over-Ear Headphones|refurb_goods|5-12|audio_color
"""

AXES = """
body|body only:1:.5;w/ 50mm f/1.8 lens:1.34:.32;with 50mm f1.4 lens:1.62:.11;with 28mm lens:1.27:.07
compact_body|-:1:1
rangefinder_body|body only:1:.62;with 50mm f/2 lens:1.68:.26;with 35mm lens:1.75:.12
medium_body|body only:1:.4;with 80mm lens + back:1.55:.45;complete kit:1.65:.15
finish|chrome:1:.5;black:1.14:.36;-:1:.14
compact_finish|black:1:.55;silver:1:.35;champagne:1.05:.1
mount_mark|-:1:.7;with hood and caps:1.06:.3
guitar_color|Sunburst:1:.26;Black:.97:.22;Olympic White:1.02:.15;Cherry Red:1.02:.16;Natural:1.04:.1;Lake Placid Blue:1.08:.11
guitar_years|2021:1:.2;2018:1.02:.2;2012:1.0:.15;1998:1.24:.12;1989:1.42:.08;2023:1.07:.25
epi_years|2021:1:.3;2018:.98:.3;2023:1.06:.4
synth_kit|-:1:.7;with case:1.08:.2;with stand and case:1.12:.1
module_kit|-:1:.8;with power supply:1.0:.2
audio_color|Black:1:.55;Silver:1:.2;White:1:.15;Midnight Blue:1.03:.1
audiophile_kit|-:1:.65;with balanced cable:1.13:.35
earbud_kit|-:1:.6;with charging case:1.0:.4
"""

MODELS = """
15230
Canon|AE-1|128
Canon|AE-1 Program|162
Canon|A-1|158
Canon|F-1 New|310
Nikon|FM2|338
Nikon|FE|172
Nikon|F3|298
Nikon|FM|205
Nikon|F100|245
Olympus|OM-1|156
Olympus|OM-2N|182
Olympus|XA|148|compact_body,compact_finish
Olympus|Stylus Epic|212|compact_body,compact_finish
Pentax|K1000|118
Pentax|MX|149
Pentax|67|780|medium_body,finish
Minolta|X-700|112
Minolta|SRT-101|78
Minolta|CLE|690|rangefinder_body,finish
Leica|M6|2450|rangefinder_body,finish
Leica|M3|1250|rangefinder_body,finish
Leica|M4-P|1480|rangefinder_body,finish
Contax|T2|880|compact_body,compact_finish
Contax|G1|410|rangefinder_body,compact_finish
Yashica|T4|395|compact_body,compact_finish
Yashica|Mat-124G|265|compact_body,finish
Rolleiflex|2.8F|1390|compact_body,finish
Hasselblad|500C/M|1120|medium_body,finish
Mamiya|RB67 Pro S|465|medium_body,finish
Mamiya|C330|285|medium_body,finish
3323
Canon|EF 50mm f/1.8 STM|82
Canon|EF 24-70mm f/2.8L II USM|865
Canon|EF 70-200mm f/2.8L IS II USM|890
Canon|FD 50mm f/1.4 S.S.C.|98
Canon|RF 35mm f/1.8 Macro IS STM|345
Nikon|AF-S 50mm f/1.8G|128
Nikon|AF-S 85mm f/1.8G|292
Nikon|AI-S 105mm f/2.5|158
Nikon|Z 24-120mm f/4 S|760
Sony|FE 85mm f/1.8|388
Sony|FE 24-105mm f/4 G OSS|820
Sony|FE 70-200mm f/2.8 GM OSS II|2080
Sigma|35mm f/1.4 DG HSM Art|415
Sigma|18-35mm f/1.8 DC HSM Art|438
Tamron|28-75mm f/2.8 Di III VXD G2|612
Tamron|70-180mm f/2.8 Di III VXD|735
Zeiss|Planar 50mm f/1.4 ZE|330
Helios|44-2 58mm f/2|58
Voigtlander|Nokton 40mm f/1.2|640
Leica|Summicron-M 50mm f/2|1480
33034
Fender|American Professional II Stratocaster|1240
Fender|Player Stratocaster|560
Fender|Player Telecaster|575
Fender|American Vintage II 1951 Telecaster|1640
Fender|Jazzmaster MIJ|930
Fender|Mustang|515
Gibson|Les Paul Standard 60s|1980
Gibson|Les Paul Studio|1020
Gibson|SG Standard|1240
Gibson|ES-335|2350
Gibson|Flying V|1420
Epiphone|Les Paul Standard|395|guitar_color,epi_years
Epiphone|Casino|480|guitar_color,epi_years
PRS|SE Custom 24|610|guitar_color,epi_years
PRS|S2 McCarty 594|1390|guitar_color,epi_years
Ibanez|RG550|820
Ibanez|Artcore AS73|340|guitar_color,epi_years
Gretsch|G5420T Electromatic|690|guitar_color,epi_years
Squier|Classic Vibe 60s Jazzmaster|345|guitar_color,epi_years
Yamaha|Pacifica 112V|228|guitar_color,epi_years
38071
Korg|Minilogue|395
Korg|MS-20 Mini|410
Korg|M1|465
Moog|Subsequent 37|1190
Moog|Grandmother|740
Moog|Mother-32|455|module_kit
Roland|Juno-106|1850
Roland|JD-XA|1240
Roland|SH-101|1650
Roland|TR-8S|560|module_kit
Arturia|MicroFreak|248
Arturia|MiniBrute 2|430
Behringer|DeepMind 12|610
Behringer|TD-3|98|module_kit
Sequential|Prophet Rev2|1280
Yamaha|DX7|520
Yamaha|Reface CS|315
Elektron|Digitakt|520|module_kit
Teenage Engineering|OP-1|790|module_kit
Novation|Bass Station II|355
112529
Sony|WH-1000XM4|178
Sony|WH-1000XM5|242
Sony|WF-1000XM4|118|earbud_kit,audio_color
Sony|MDR-7506|72
Bose|QuietComfort 45|172
Bose|700|184
Bose|QuietComfort Ultra|288
Apple|AirPods Pro 2nd Generation|152|earbud_kit
Apple|AirPods Max|342
Apple|AirPods 3rd Generation|98|earbud_kit
Sennheiser|HD 600|248|audiophile_kit
Sennheiser|HD 650|282|audiophile_kit
Sennheiser|HD 800 S|1080|audiophile_kit
Sennheiser|Momentum 4|198
Beyerdynamic|DT 990 Pro|112
Beyerdynamic|DT 1990 Pro|365|audiophile_kit
Audio-Technica|ATH-M50x|92
Focal|Clear MG|865|audiophile_kit
Beats|Studio Pro|158
AKG|K371|96
"""

ACCESSORIES = """
15230|Leather Case for {m}:24;Neck Strap for {m}:16;Battery for {m} Camera:9;Lens Cap for {m}:8;Focusing Screen for {m}:32;Instruction Manual for {m}:14
3323|Lens Hood for {m}:15;UV Filter for {m}:18;Rear Cap for {m}:8;Tripod Collar for {m}:36;Box Only for {m}:19
33034|Gig Bag for {m}:38;Pickguard for {m}:22;Bridge Pickup for {m}:64;Tuners for {m}:34;Hardshell Case for {m}:95
38071|Dust Cover for {m}:26;Power Supply for {m}:28;Decksaver Cover for {m}:42;Wooden Side Panels for {m}:55;Manual for {m}:18
112529|Replacement Ear Pads for {m}:17;Carrying Case for {m}:16;Audio Cable for {m}:12;Headband Cover for {m}:13;Charging Case Only for {m}:46
"""
