"""Chinese and Japanese: no spaces, so phrases are looked for in the text itself."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from chatelier.domain.intent.model import Intent

KANA = re.compile(r"[\u3040-\u30ff]")
SCAN = 600  # characters read
END = r"[\s。．.！!？?、，,~～]*"

ZH_PICTURE = (
    "图片|照片|图像|图画|插画|插图|海报|头像|壁纸|漫画|素描|油画|水彩画|水彩|标志|徽标|logo|Logo|LOGO|封面|贴纸|表情包|图标"
    "|画作|画|图|肖像|卡通"
)
ZH_COUNT = r"(?:[一二两三四五几]?[个张幅只条座辆朵匹棵片组位头间艘架款些套栋颗]|一)?"
ZH_POLITE = (
    r"(?:请|麻烦|你|您|能不能|可不可以|可以|能|可否|会|帮我|帮忙|给我|为我|替我|我想要|我想|我要|我需要|想要|想|来|再|那|现在"
    r"|好的|好|那么|然后|接下来|，|,|\s)*"
)
ZH_QUESTION = re.compile(r"怎么|怎样|如何|为什么|谁|什么|哪|多少|几点|是不是|教我|意思|介绍|区别|步骤|技巧")
ZH_TALK = re.compile(
    rf"^{ZH_POLITE}(?:写|列|翻译|解释|总结|告诉|推荐|计算|查|描述|讲|说|编|回答|分析|比较|谢|你好|您好)"
)
ZH_DRAW = re.compile(rf"^{ZH_POLITE}(?:画|绘制|描绘|绘)(?:出|个|一下)?{ZH_COUNT}(?P<what>.+?)$")
ZH_MAKE = re.compile(
    rf"^{ZH_POLITE}(?:生成|创建|创作|制作|设计|做|产生|弄|来|给我|看看|看|展示)?{ZH_COUNT}(?P<what>.*?)(?:的)?(?P<art>{ZH_PICTURE})"
    rf"(?:吗|吧|呢|好吗|可以吗|行吗|给我)?{END}$"
)
ZH_ASKS = re.compile(
    rf"^{ZH_POLITE}(?:生成|创建|创作|制作|设计|做|产生|弄|来|给我|看看|展示)|^.{{0,4}}(?:我想要|我要|我想看|想看|需要|来一?[张幅])"
)
ZH_THIS = re.compile(r"^(?:它|他|她|这个|那个|出来|这|那|一下)?(?:画|出来|看看)?$")
ZH_AGAIN = re.compile(
    r"再来一?[张个幅次]|再画一[张个幅次]|再生成一|重新?画|重新生成|重做|换一[张个幅]|另一[张个幅]|再试一?次|^再一[张次]|类似的"
)
ZH_CHANGE = re.compile(
    r"给[它他她这].{0,4}?(?:戴|穿|加|画|换)|把.+?(?:换|改|变|调|涂|染|画|做|弄|去|删|移|放)|换成|改成|变成|改为|换为|换个|加上|加(?:一?[个只条顶副些点把朵棵轮颗座辆]|[两三几])|添加|增加"
    r"|去掉|去除|删除|删掉|移除|不要|放大|缩小|裁剪|旋转|翻转|一点|一些|点儿|^更|^太|变得|风格$|让(?:它|他|她|画面|背景)"
    r"|(?:背景|颜色|风格|天空)(?:是|要|用|为|变|改|换)|^在.{1,8}(?:里|中|上|下|旁)?$"
)
ZH_TAIL = re.compile(rf"(?:吗|吧|呢|好吗|可以吗|行吗|谢谢|的(?:图片|照片|图像|图|画))?{END}$")

JA_PICTURE = "絵|イラスト|画像|写真|ポスター|ロゴ|アイコン|図|壁紙|漫画|スケッチ|水彩画|油絵|似顔絵|ステッカー"
JA_QUESTION = re.compile(
    r"描き方|書き方|方法|やり方|教え|とは|何(?![羽匹か人本枚個])|なに|なん[でのだ]|誰|だれ|どう|なぜ|いつ|どこ|種類|どれ|いくら|意味|説明"
)
JA_THANKS = re.compile(
    r"ありがと|すごい|素敵|きれいです|綺麗です|いいね|可愛い[！!。]?$|さすが|^(?:はい|いいえ|うん)[。！!]?$"
)
JA_DRAW = re.compile(r"^(?P<what>.*?)(?:を|も)?(?:、)?(?:描い|かい|画い|描き|描く|描画し|スケッチし|描写し)")
JA_MAKE = re.compile(
    rf"^(?P<what>.*?)(?:の)?(?P<art>{JA_PICTURE})(?:を|が|も)?(?:一枚|1枚)?(?:作っ|作り|作成|生成|つくっ|見せ|見たい|ください"
    r"|お願い|おねがい|ほしい|欲しい|デザイン|くれ|ちょうだい|頂け|いただけ)"
)
JA_THIS = re.compile(r"^(?:それ|これ|あれ|その|この|じゃあ|では)?(?:を|の|、)*$")
JA_AGAIN = re.compile(
    r"もう(?:一|1|１)(?:枚|つ|度|回)|別の(?:もの|やつ|バージョン|絵|画像)|やり直|再生成|別バージョン|他の(?:バージョン|パターン)"
)
JA_CHANGE = re.compile(
    r"(?:に|く|を|風に)(?:して|変え|換え|替え)|追加|加え|足して|入れて|つけて|付けて|消し|取って|除い|外し|削除|なくし|もっと"
    r"|もう少し|変え|変更|置き換え|背景|風に|大きく|小さく|明るく|暗く|拡大|縮小|かぶせ|被せ|着せ|持たせ"
)
JA_TAIL = re.compile(rf"(?:の(?:{JA_PICTURE}))?(?:を)?{END}$")
NTH = re.compile(r"第([1-9一二三四五六])|([1-9１-９一二三四五六])(?:番目?|つ目|号)")
JA_LEAD = re.compile(r"^(?:じゃあ|では|次は|今度は|ねえ|すみません|お願い|どうか|あの|次に|こんにちは)[、,\s]*")


@dataclass(frozen=True)
class Meant:
    """``subject`` is '' when the words point at something said before."""

    kind: Intent
    subject: str = ""
    instruction: str = ""
    variation: bool = False


def position(text: str) -> int | None:
    """2 for 第二个 and 2番目."""
    found = NTH.search(text[:SCAN])
    if not found:
        return None
    digit = unicodedata.normalize("NFKC", found[1] or found[2])
    return int(digit) if digit.isdigit() and digit.isascii() else "一二三四五六".index(digit) + 1


def meaning(text: str, *, image_in_focus: bool) -> Meant | None:
    """None: talk."""
    text = " ".join(text.split())
    if len(text) > SCAN:
        return None
    return _japanese(text, image_in_focus) if KANA.search(text) else _chinese(text, image_in_focus)


def _chinese(text: str, image_in_focus: bool) -> Meant | None:
    if ZH_TALK.search(text) or ZH_QUESTION.search(text):
        return None
    new = _chinese_request(text)
    if image_in_focus:
        if ZH_AGAIN.search(text) and not (new and len(new.subject) > 4):
            return Meant(Intent.EDIT, variation=True)
        if ZH_CHANGE.search(text) and not re.match(rf"^{ZH_POLITE}(?:画|绘|生成)[一个张幅]", text):
            return Meant(Intent.EDIT, instruction=ZH_TAIL.sub("", text))
    return new


def _chinese_request(text: str) -> Meant | None:
    drawn = ZH_DRAW.match(text)
    made = ZH_MAKE.match(text) if ZH_ASKS.match(text) or not drawn else None
    if drawn and not made:
        what = ZH_TAIL.sub("", drawn["what"])
        return Meant(Intent.GENERATE, subject="" if ZH_THIS.match(what) else what)
    if made and (ZH_ASKS.match(text) or re.search(r"的(?:图片|照片|图像|插画|海报|头像|壁纸)", text)):
        art = made["art"] if made["art"] not in ("图片", "图像", "图", "画") else ""
        what = made["what"].strip("，, ")
        return Meant(Intent.GENERATE, subject="" if ZH_THIS.match(what) and not art else what + art)
    return None


def _japanese(text: str, image_in_focus: bool) -> Meant | None:
    if JA_QUESTION.search(text) or JA_THANKS.search(text):
        return None
    again = image_in_focus and JA_AGAIN.search(text)
    if again:
        return Meant(Intent.EDIT, variation=True)
    new = _japanese_request(text)
    if image_in_focus and JA_CHANGE.search(text) and not new:
        return Meant(Intent.EDIT, instruction=text.strip("。！!？? "))
    return new


def _japanese_request(text: str) -> Meant | None:
    found = JA_MAKE.match(text) or JA_DRAW.match(text)
    if not found:
        noun = re.match(rf"^(?P<what>.+?)の(?P<art>{JA_PICTURE}){END}$", text)
        if not noun:
            return None
        found = noun
    if re.match(r".*(?:コード|関数|小説|詩|文章|手紙|メール|プログラム)", found["what"]):
        return None
    what = JA_TAIL.sub("", JA_LEAD.sub("", found["what"]))
    art = found.groupdict().get("art") or ""
    art = art if art not in ("絵", "画像", "図") else ""
    if JA_THIS.match(what):
        return Meant(Intent.GENERATE, subject="")
    return Meant(Intent.GENERATE, subject=f"{what}の{art}" if art else what)
