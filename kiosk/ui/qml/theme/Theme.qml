pragma Singleton
import QtQuick

// The design system's values. Lengths are pixels made from millimetres of the real panel; colours have role names.
// A name must not start with "on" and a capital: QML would take it for a signal handler.
QtObject {
    // --- set by Main from the window and the page's look
    property real mmPerPx: 0.311
    property real windowWidth: 1080
    property real windowHeight: 1920
    property bool isLarge: false
    property bool isHigh: false
    property string scrollUp: ""
    property string scrollDown: ""
    property bool isMotionReduced: false
    property bool isLowReach: false
    property var fontData: ({ plainFamily: "", plainCap: 0.7, largeFamily: "", largeCap: 0.67 })

    // --- space: one millimetre, rounded up so that four of them are whole pixels and nothing is smaller than it says
    readonly property real mm: Math.ceil(4 / mmPerPx) / 4
    readonly property real grid: 4 * mm
    readonly property bool isPortrait: windowHeight >= windowWidth
    // Panels under about 24 inches have no room for the roomy sizes.
    readonly property bool isCompact: Math.min(windowWidth, windowHeight) < 300 * mm
    readonly property real margin: isCompact ? 12 * mm : 18 * mm
    readonly property real gap: 4 * mm
    readonly property real target: 20 * mm
    readonly property real radius: 4 * mm
    readonly property real hair: Math.max(1, Math.round(0.4 * mm))
    readonly property real edge: Math.max(2, Math.round(0.7 * mm))

    // --- motion
    readonly property int pageMove: isMotionReduced ? 0 : 180
    readonly property int sceneStep: 900

    // --- type: millimetres of cap height
    readonly property string family: isLarge ? fontData.largeFamily : fontData.plainFamily
    readonly property real capRatio: isLarge ? fontData.largeCap : fontData.plainCap
    readonly property var axes: isLarge ? ({ 400: {}, 500: {}, 600: {}, 700: {} }) : ({
            400: { "wght": 430 },
            500: { "wght": 540 },
            600: { "wght": 640 },
            700: { "wght": 740 }
        })
    readonly property int display: px(isLarge ? 15 : 14.5)
    readonly property int title: pick(11, 12, 9.6, 11)
    readonly property int heading: pick(7.2, 9.4, 6.4, 8.8)
    readonly property int lead: pick(6.2, 8.8, 5.6, 8.5)
    readonly property int body: pick(5.6, 8.5, 5.2, 8.5)
    readonly property int label: pick(6.4, 8.6, 5.4, 7.2)
    readonly property int small: pick(4.9, 6.6, 4.8, 5.6)
    readonly property int code: pick(3.8, 5, 3.8, 5)
    readonly property int digits: pick(12, 14, 11, 13)

    function pick(plain: real, large: real, compact: real, compactLarge: real): int {
        return px(isCompact ? (isLarge ? compactLarge : compact) : (isLarge ? large : plain));
    }

    function px(cap: real): int {
        return Math.ceil(cap * mm / capRatio);
    }

    // --- colour roles
    readonly property color ground: isHigh ? "#000000" : "#FBF7EF"
    readonly property color surface: isHigh ? "#000000" : "#F3ECDE"
    readonly property color surfaceRaised: isHigh ? "#080808" : "#FFFFFF"
    readonly property color line: isHigh ? "#FFFFFF" : "#857B6A"
    readonly property color lineSoft: isHigh ? "#FFFFFF" : "#DDD3C1"
    readonly property color ink: isHigh ? "#FFFFFF" : "#1D1A16"
    readonly property color inkSoft: isHigh ? "#FFFFFF" : "#37332C"
    readonly property color primary: isHigh ? "#FFF25E" : "#003B37"
    readonly property color primaryDown: isHigh ? "#FFFFFF" : "#002724"
    readonly property color primaryInk: isHigh ? "#000000" : "#FFFFFF"
    readonly property color primaryTint: isHigh ? "#080808" : "#DFEAE5"
    readonly property color accent: isHigh ? "#FFF25E" : "#E5A019"
    readonly property color accentTint: isHigh ? "#080808" : "#FAEBC9"
    readonly property color good: isHigh ? "#FFFFFF" : "#0B5132"
    readonly property color goodTint: isHigh ? "#080808" : "#DFEFE3"
    readonly property color caution: isHigh ? "#FFF25E" : "#7A4B00"
    readonly property color cautionTint: isHigh ? "#080808" : "#FBEAC2"
    readonly property color stop: isHigh ? "#FFB4AB" : "#7E0015"
    readonly property color stopTint: isHigh ? "#080808" : "#FAE3E0"
    readonly property color focus: isHigh ? "#FFFFFF" : "#1B3FAB"
    readonly property color paper: "#FFFFFF"
    readonly property color paperInk: "#1D1A16"

    // --- tones
    function toneColor(tone: string): color {
        return tone === "good" ? good : tone === "caution" ? caution : tone === "stop" ? stop : primary;
    }

    function toneTint(tone: string): color {
        return tone === "good" ? goodTint : tone === "caution" ? cautionTint : tone === "stop" ? stopTint : primaryTint;
    }

    function toneIcon(tone: string): string {
        return tone === "good" ? "good" : tone === "caution" ? "caution" : tone === "stop" ? "stop" : "info";
    }

    // Colour for a picture's address: "#AARRGGBB" or "#RRGGBB" without the sign and the alpha.
    function hex(value: color): string {
        const text = value.toString();
        return text.length === 9 ? text.slice(3) : text.slice(1);
    }

    readonly property string sceneRoles: "ink=" + hex(isHigh ? "#FFFFFF" : "#1D1A16")
        + ";machine=" + hex(isHigh ? "#000000" : "#FFFFFF")
        + ";panel=" + hex(isHigh ? "#080808" : "#E9E0CF")
        + ";screen=" + hex(isHigh ? "#1C1C1C" : "#0C4E49")
        + ";glow=" + hex(isHigh ? "#FFF25E" : "#BFE0D6")
        + ";accent=" + hex(accent)
        + ";skin=" + hex(isHigh ? "#000000" : "#DDA77C")
        + ";skinShade=" + hex(isHigh ? "#000000" : "#C98E62")
        + ";cuff=" + hex(isHigh ? "#000000" : "#003B37")
        + ";card=" + hex(isHigh ? "#000000" : "#CFE6EE")
        + ";cardDeep=" + hex(isHigh ? "#FFFFFF" : "#5E93A8")
        + ";paper=" + hex(isHigh ? "#000000" : "#FFFFFF")
        + ";paperLine=" + hex(isHigh ? "#FFFFFF" : "#A79D8B")
        + ";slot=" + hex(isHigh ? "#FFFFFF" : "#1D1A16")
        + ";litInk=" + hex("#1D1A16")
}
