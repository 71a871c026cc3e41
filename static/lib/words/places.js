/**
 * How addresses are written in each country: the same tables as commerce/places.py, which checks what is sent; a
 * test compares the two.
 */

import { countryName } from "./countries.js";

/**
 * By country: fields in the order they are written (`?` may be empty), what a region and a postcode are called there,
 * a postcode's pattern in capitals ("" for none), an example of one.
 * @type {Readonly<Record<string, [fields: string, region: string, postcode: string, pattern: string, example: string]>>}
 */
export const FORMS = Object.freeze({
  AR: ["line1 line2? postcode city region?", "province", "postcode", "([A-HJ-NP-Z])?\\d{4}([A-Z]{3})?", "C1425"],
  AT: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "1010"],
  AU: ["line1 line2? city region postcode", "state", "postcode", "\\d{4}", "2000"],
  BE: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "1000"],
  BG: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "1000"],
  BR: ["line1 line2? city region postcode", "state", "postcode", "\\d{5}-?\\d{3}", "01310-100"],
  CA: ["line1 line2? city region postcode", "province", "postcode", "[ABCEGHJ-NPRSTVXY]\\d[ABCEGHJ-NPRSTV-Z] ?\\d[ABCEGHJ-NPRSTV-Z]\\d", "H2X 1Y4"],
  CH: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "8001"],
  CL: ["line1 line2? postcode? city region?", "region", "postcode", "\\d{3}-?\\d{4}", "8340457"],
  CN: ["region city line1 line2? postcode?", "province", "postcode", "\\d{6}", "200000"],
  CO: ["line1 line2? city region? postcode?", "region", "postcode", "\\d{6}", "111121"],
  CZ: ["line1 line2? postcode city", "region", "postcode", "\\d{3} ?\\d{2}", "110 00"],
  DE: ["line1 line2? postcode city", "region", "postcode", "\\d{5}", "10115"],
  DK: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "1050"],
  EE: ["line1 line2? postcode city", "region", "postcode", "\\d{5}", "10111"],
  ES: ["line1 line2? postcode city region?", "province", "postcode", "\\d{5}", "28001"],
  FI: ["line1 line2? postcode city", "region", "postcode", "\\d{5}", "00100"],
  FR: ["line1 line2? postcode city", "region", "postcode", "\\d{5}", "75001"],
  GB: ["line1 line2? city postcode", "county", "postcode", "[A-Z]{1,2}\\d[A-Z\\d]? ?\\d[A-Z]{2}", "YO1 7EP"],
  GR: ["line1 line2? postcode city", "region", "postcode", "\\d{3} ?\\d{2}", "105 57"],
  HK: ["line1 line2? city", "region", "postcode", "", ""],
  HR: ["line1 line2? postcode city", "region", "postcode", "\\d{5}", "10000"],
  HU: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "1051"],
  ID: ["line1 line2? city region? postcode", "province", "postcode", "\\d{5}", "10110"],
  IE: ["line1 line2? city region? postcode?", "county", "eircode", "[AC-FHKNPRTV-Y](\\d{2}|6W) ?[0-9AC-FHKNPRTV-Y]{4}", "D02 X285"],
  IL: ["line1 line2? city postcode", "region", "postcode", "\\d{5}(\\d{2})?", "6100000"],
  IN: ["line1 line2? city region postcode", "state", "pin", "[1-9]\\d{2} ?\\d{3}", "110001"],
  IS: ["line1 line2? postcode city", "region", "postcode", "\\d{3}", "101"],
  IT: ["line1 line2? postcode city region?", "province", "postcode", "\\d{5}", "00184"],
  JP: ["postcode region city line1 line2?", "prefecture", "postcode", "\\d{3}-?\\d{4}", "150-0001"],
  KR: ["postcode region? city line1 line2?", "province", "postcode", "\\d{5}", "04524"],
  LT: ["line1 line2? postcode city", "region", "postcode", "(LT-)?\\d{5}", "01100"],
  LU: ["line1 line2? postcode city", "region", "postcode", "(L-)?\\d{4}", "1111"],
  LV: ["line1 line2? city postcode", "region", "postcode", "(LV-)?\\d{4}", "LV-1010"],
  MO: ["line1 line2? city", "region", "postcode", "", ""],
  MX: ["line1 line2? postcode city region", "state", "postcode", "\\d{5}", "06000"],
  MY: ["line1 line2? postcode city region?", "state", "postcode", "\\d{5}", "50050"],
  NL: ["line1 line2? postcode city", "region", "postcode", "[1-9]\\d{3}( ?[A-Z]{2})?", "3511 LC"],
  NO: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "0150"],
  NZ: ["line1 line2? city postcode", "region", "postcode", "\\d{4}", "6011"],
  PH: ["line1 line2? postcode city region?", "province", "postcode", "\\d{4}", "1000"],
  PL: ["line1 line2? postcode city", "region", "postcode", "\\d{2}-\\d{3}", "00-001"],
  PT: ["line1 line2? postcode city", "region", "postcode", "\\d{4}(-\\d{3})?", "1100-148"],
  RO: ["line1 line2? postcode city region?", "county", "postcode", "\\d{6}", "010011"],
  SE: ["line1 line2? postcode city", "region", "postcode", "\\d{3} ?\\d{2}", "111 29"],
  SG: ["line1 line2? postcode", "region", "postcode", "\\d{6}", "018956"],
  SI: ["line1 line2? postcode city", "region", "postcode", "\\d{4}", "1000"],
  SK: ["line1 line2? postcode city", "region", "postcode", "\\d{3} ?\\d{2}", "811 01"],
  TH: ["line1 line2? city region? postcode", "province", "postcode", "\\d{5}", "10200"],
  TR: ["line1 line2? postcode city", "region", "postcode", "\\d{5}", "34110"],
  TW: ["postcode city line1 line2?", "region", "postcode", "\\d{3}(\\d{2,3})?", "100"],
  UA: ["line1 line2? city region? postcode", "region", "postcode", "\\d{5}", "01001"],
  US: ["line1 line2? city region postcode", "state", "zip", "\\d{5}(-\\d{4})?", "94103"],
  VN: ["line1 line2? city region? postcode?", "province", "postcode", "\\d{5,6}", "100000"],
  ZA: ["line1 line2? city region? postcode", "province", "postcode", "\\d{4}", "8001"],
});

/** Where an address needs its region: `code=name`, or `code=name/name as it is written there`. @type {Readonly<Record<string, string>>} */
export const REGIONS = Object.freeze({
  AU: "ACT=Australian Capital Territory|NSW=New South Wales|NT=Northern Territory|QLD=Queensland|"
    + "SA=South Australia|TAS=Tasmania|VIC=Victoria|WA=Western Australia",
  BR: "AC=Acre|AL=Alagoas|AM=Amazonas|AP=Amapá|BA=Bahia|CE=Ceará|DF=Distrito Federal|ES=Espírito Santo|"
    + "GO=Goiás|MA=Maranhão|MG=Minas Gerais|MS=Mato Grosso do Sul|MT=Mato Grosso|PA=Pará|PB=Paraíba|"
    + "PE=Pernambuco|PI=Piauí|PR=Paraná|RJ=Rio de Janeiro|RN=Rio Grande do Norte|RO=Rondônia|RR=Roraima|"
    + "RS=Rio Grande do Sul|SC=Santa Catarina|SE=Sergipe|SP=São Paulo|TO=Tocantins",
  CA: "AB=Alberta|BC=British Columbia|MB=Manitoba|NB=New Brunswick|NL=Newfoundland and Labrador|"
    + "NS=Nova Scotia|NT=Northwest Territories|NU=Nunavut|ON=Ontario|PE=Prince Edward Island|QC=Quebec|"
    + "SK=Saskatchewan|YT=Yukon",
  CN: "AH=Anhui/安徽省|BJ=Beijing/北京市|CQ=Chongqing/重庆市|FJ=Fujian/福建省|GD=Guangdong/广东省|"
    + "GS=Gansu/甘肃省|GX=Guangxi/广西壮族自治区|GZ=Guizhou/贵州省|HA=Henan/河南省|HB=Hubei/湖北省|"
    + "HE=Hebei/河北省|HI=Hainan/海南省|HL=Heilongjiang/黑龙江省|HN=Hunan/湖南省|JL=Jilin/吉林省|"
    + "JS=Jiangsu/江苏省|JX=Jiangxi/江西省|LN=Liaoning/辽宁省|NM=Inner Mongolia/内蒙古自治区|"
    + "NX=Ningxia/宁夏回族自治区|QH=Qinghai/青海省|SC=Sichuan/四川省|SD=Shandong/山东省|SH=Shanghai/上海市|"
    + "SN=Shaanxi/陕西省|SX=Shanxi/山西省|TJ=Tianjin/天津市|XJ=Xinjiang/新疆维吾尔自治区|"
    + "XZ=Tibet/西藏自治区|YN=Yunnan/云南省|ZJ=Zhejiang/浙江省",
  IN: "AN=Andaman and Nicobar Islands|AP=Andhra Pradesh|AR=Arunachal Pradesh|AS=Assam|BR=Bihar|"
    + "CG=Chhattisgarh|CH=Chandigarh|DH=Dadra and Nagar Haveli and Daman and Diu|DL=Delhi|GA=Goa|"
    + "GJ=Gujarat|HP=Himachal Pradesh|HR=Haryana|JH=Jharkhand|JK=Jammu and Kashmir|KA=Karnataka|KL=Kerala|"
    + "LA=Ladakh|LD=Lakshadweep|MH=Maharashtra|ML=Meghalaya|MN=Manipur|MP=Madhya Pradesh|MZ=Mizoram|"
    + "NL=Nagaland|OD=Odisha|PB=Punjab|PY=Puducherry|RJ=Rajasthan|SK=Sikkim|TN=Tamil Nadu|TR=Tripura|"
    + "TS=Telangana|UK=Uttarakhand|UP=Uttar Pradesh|WB=West Bengal",
  JP: "01=Hokkaido/北海道|02=Aomori/青森県|03=Iwate/岩手県|04=Miyagi/宮城県|05=Akita/秋田県|"
    + "06=Yamagata/山形県|07=Fukushima/福島県|08=Ibaraki/茨城県|09=Tochigi/栃木県|10=Gunma/群馬県|"
    + "11=Saitama/埼玉県|12=Chiba/千葉県|13=Tokyo/東京都|14=Kanagawa/神奈川県|15=Niigata/新潟県|"
    + "16=Toyama/富山県|17=Ishikawa/石川県|18=Fukui/福井県|19=Yamanashi/山梨県|20=Nagano/長野県|"
    + "21=Gifu/岐阜県|22=Shizuoka/静岡県|23=Aichi/愛知県|24=Mie/三重県|25=Shiga/滋賀県|26=Kyoto/京都府|"
    + "27=Osaka/大阪府|28=Hyogo/兵庫県|29=Nara/奈良県|30=Wakayama/和歌山県|31=Tottori/鳥取県|"
    + "32=Shimane/島根県|33=Okayama/岡山県|34=Hiroshima/広島県|35=Yamaguchi/山口県|36=Tokushima/徳島県|"
    + "37=Kagawa/香川県|38=Ehime/愛媛県|39=Kochi/高知県|40=Fukuoka/福岡県|41=Saga/佐賀県|"
    + "42=Nagasaki/長崎県|43=Kumamoto/熊本県|44=Oita/大分県|45=Miyazaki/宮崎県|46=Kagoshima/鹿児島県|"
    + "47=Okinawa/沖縄県",
  MX: "AGU=Aguascalientes|BCN=Baja California|BCS=Baja California Sur|CAM=Campeche|CHH=Chihuahua|"
    + "CHP=Chiapas|CMX=Ciudad de México|COA=Coahuila|COL=Colima|DUR=Durango|GRO=Guerrero|GUA=Guanajuato|"
    + "HID=Hidalgo|JAL=Jalisco|MEX=Estado de México|MIC=Michoacán|MOR=Morelos|NAY=Nayarit|NLE=Nuevo León|"
    + "OAX=Oaxaca|PUE=Puebla|QUE=Querétaro|ROO=Quintana Roo|SIN=Sinaloa|SLP=San Luis Potosí|SON=Sonora|"
    + "TAB=Tabasco|TAM=Tamaulipas|TLA=Tlaxcala|VER=Veracruz|YUC=Yucatán|ZAC=Zacatecas",
  US: "AK=Alaska|AL=Alabama|AR=Arkansas|AZ=Arizona|CA=California|CO=Colorado|CT=Connecticut|"
    + "DC=District of Columbia|DE=Delaware|FL=Florida|GA=Georgia|HI=Hawaii|IA=Iowa|ID=Idaho|IL=Illinois|"
    + "IN=Indiana|KS=Kansas|KY=Kentucky|LA=Louisiana|MA=Massachusetts|MD=Maryland|ME=Maine|MI=Michigan|"
    + "MN=Minnesota|MO=Missouri|MS=Mississippi|MT=Montana|NC=North Carolina|ND=North Dakota|NE=Nebraska|"
    + "NH=New Hampshire|NJ=New Jersey|NM=New Mexico|NV=Nevada|NY=New York|OH=Ohio|OK=Oklahoma|OR=Oregon|"
    + "PA=Pennsylvania|RI=Rhode Island|SC=South Carolina|SD=South Dakota|TN=Tennessee|TX=Texas|UT=Utah|"
    + "VA=Virginia|VT=Vermont|WA=Washington|WI=Wisconsin|WV=West Virginia|WY=Wyoming|"
    + "AA=Armed Forces Americas|AE=Armed Forces Europe|AP=Armed Forces Pacific",
});

/** Countries without postcodes, or where they are seldom used. */
export const NO_POSTCODE = Object.freeze((
  "AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GD GH GM GQ GY HK IE JM KI KM KN KP LC ML MO MR "
  + "MW NR NU PA QA RW SB SC SL SR SS ST SX SY TD TG TK TL TO TT TV UG VU WS YE ZW"
).split(" "));

/** @type {[fields: string, region: string, postcode: string, pattern: string, example: string]} */
const OTHER = ["line1 line2? postcode city region?", "region", "postcode", "", ""];
/** @type {typeof OTHER} */
const OTHER_WITHOUT_POSTCODE = ["line1 line2? city region?", "region", "postcode", "", ""];

/** @typedef {{code: string, name: string, local: string | null}} Region */
/** @typedef {{fields: string[], required: Set<string>, region_word: string, postcode_word: string, postcode: RegExp | null, example: string}} AddressForm */

/**
 * How an address of a country is written; one that is not in the table takes any.
 * @param {string} country ISO 3166-1 alpha-2
 * @returns {AddressForm}
 */
export function addressForm(country) {
  const other = NO_POSTCODE.includes(country) ? OTHER_WITHOUT_POSTCODE : OTHER;
  const [written, region_word, postcode_word, pattern, example] = FORMS[country] ?? other;
  const words = written.split(" ");
  return {
    fields: words.map((word) => word.replace("?", "")),
    required: new Set(words.filter((word) => !word.endsWith("?"))),
    region_word, postcode_word, example,
    postcode: pattern ? new RegExp(`^(?:${pattern})$`) : null,
  };
}

/**
 * A country's regions; none where an address needs none.
 * @param {string} country
 * @returns {Region[]}
 */
export function regionsOf(country) {
  return (REGIONS[country] ?? "").split("|").filter(Boolean).map((entry) => {
    const [code, names] = entry.split("=");
    const [name, local = null] = names.split("/");
    return { code, name, local };
  });
}

/**
 * A region as it stands on a parcel: its own name where it is written in another script.
 * @param {string} country
 * @param {string | null | undefined} region
 * @returns {string}
 */
export function regionText(country, region) {
  const known = regionsOf(country).find(({ code }) => code === region);
  return known ? known.local ?? known.code : region ?? "";
}

/**
 * A postcode as it is written there: in capitals, without spaces around it.
 * @param {string} text
 * @returns {string}
 */
export function tidyPostcode(text) {
  return text.trim().replace(/\s+/g, " ").toUpperCase();
}

/** Fields that stand side by side where they follow each other. */
const SHORT = new Set(["postcode", "city", "region"]);

/** Short fields that follow each other share a row. @param {string[]} fields @param {number} [most] in a row @returns {string[][]} */
export function inRows(fields, most = 2) {
  /** @type {string[][]} */
  const rows = [];
  for (const field of fields) {
    const last = rows.at(-1);
    if (last && last.length < most && SHORT.has(field) && SHORT.has(last[0])) last.push(field);
    else rows.push([field]);
  }
  return rows;
}

/**
 * The lines of an address as they are written in its country, without the name.
 * @param {{line1: string, line2?: string | null, city: string, region?: string | null, postcode: string, country: string}} address
 * @param {string} locale
 * @returns {string[]}
 */
export function addressLines(address, locale) {
  const form = addressForm(address.country);
  const region = regionText(address.country, address.region);
  const texts = /** @type {Record<string, string>} */ ({ line1: address.line1, line2: address.line2 ?? "", city: address.city, postcode: address.postcode, region: region === address.city ? "" : region });
  const extra = ["postcode", "city", "region"].filter((name) => !form.fields.includes(name));
  const lines = inRows([...form.fields, ...extra], SHORT.size).map((row) => row.map((name) => texts[name]).filter(Boolean).join(" "));
  return [...lines, countryName(address.country, locale)].filter((line) => line.trim());
}
