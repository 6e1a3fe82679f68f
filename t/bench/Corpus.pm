package Corpus;

# The mail of a benchmark: messages of many senders with repeated domains, as
# an MX sees them, signed by the domain (some by a platform, too), with what
# DNS has to say of them.
#
#   my $corpus = Corpus->make($dir, messages => 300, ttl => 3600, cli => dkim_cli);
#   $corpus->{index}, $corpus->{plain}   # signed ones, the same without
#   $corpus->{zones}                     # for Assay::Knot, raw
#   $corpus->{bytes}                     # mean size
#
# Options: domains (40), size (mean octets, 30 000), fixed (all of that size),
# fields (extra header fields, 0), signatures (0: one or two, as real mail
# has), keys (a directory shared by corpora: POOL keys, made once).
use strict;
use warnings;
use Assay::Dir qw(spew slurp);
use Assay::Knot qw(txt);

my $POOL = 64;

# The same numbers each time, on every machine.
my $state;
sub seed { $state = shift; return }

sub dice {
    my ($n) = @_;
    $state = ($state * 1103515245 + 12345) % 2**31;
    return int($state / 2**31 * $n);
}

sub uniform { return (dice(1_000_000) + 1) / 1_000_001 }

# Log-normal between 2 and 200 KB: many small messages, a few large ones.
sub size {
    my ($mean) = @_;
    my $normal = sqrt(-2 * log uniform()) * cos(6.283185307 * uniform());
    my $size = $mean * 0.58 * exp(1.05 * $normal);
    my ($low, $high) = ($mean / 15, $mean * 200 / 30);
    return int($size < $low ? $low : $size > $high ? $high : $size);
}

# Text and base64 in the proportion of real mail; lines end with CRLF.
my (@prose, @base64);

sub make_lines {
    my @words = qw(mail server message the of and invoice meeting please find attached regards a to in);
    for (1 .. 200) {
        my $line = '';
        $line .= ($line eq '' ? '' : dice(12) ? ' ' : '  ') . $words[dice(scalar @words)]
            while length $line < 66;
        push @prose, "$line\r\n";
        push @base64, join('', map { ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '+', '/')[dice(64)] } 1 .. 76) . "\r\n";
    }
    return;
}

sub body {
    my ($size) = @_;
    make_lines() if !@prose;
    my $body = '';
    $body .= $prose[dice(scalar @prose)] while length $body < $size / 3;
    $body .= $base64[dice(scalar @base64)] while length $body < $size;
    return $body;
}

# A few domains send most of the mail.
sub domain {
    my ($n) = @_;
    return 'd' . int($n * uniform()**2.5) . '.example';
}

sub header {
    my ($domain, $i, $extra) = @_;
    my $text = "Received: from mail.$domain (mail.$domain [192.0.2.9])\r\n"
        . "\tby mx.test.example (Postfix) with ESMTPS id 4B7C1$i\r\n"
        . "\tfor <user$i\@test.example>; Fri, 20 Nov 2026 10:00:00 +0000 (UTC)\r\n"
        . "From: \"Sender $i\" <user" . dice(50) . "\@$domain>\r\n"
        . "To: <user$i\@test.example>\r\nSubject: message $i of a day,\r\n folded once\r\n"
        . "Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <$i." . dice(1e9) . "\@$domain>\r\n"
        . "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        . "List-Unsubscribe: <https://$domain/u/$i>\r\nX-Mailer: Mailer 4.2\r\n";
    $text .= "X-Extra-$_: " . 'value ' x 8 . "\r\n" for 1 .. $extra;
    return $text;
}

# A zone's head. What is not there is remembered as long as what is, 5 s where
# that is not at all.
sub soa {
    my ($zone, $ttl) = @_;
    my $minimum = $ttl || 5;
    return "\$ORIGIN $zone.\n\$TTL $ttl\n@ $minimum SOA ns.$zone. hostmaster.$zone. 1 3600 600 86400 $minimum\n"
        . "@ NS ns.$zone.\nns.$zone. A 127.0.0.1\n";
}

sub records {
    my ($domains, $ttl) = @_;
    my $zone = soa('example', $ttl) . "_spf.platform TXT \"v=spf1 ip4:198.51.100.0/24 ip4:192.0.2.0/24 -all\"\n"
        . "_dmarc.platform TXT \"v=DMARC1; p=reject\"\n";
    for my $i (0 .. $domains - 1) {
        my $spf = $i % 4 == 1 ? 'a mx ip4:192.0.2.0/24' : $i % 4 == 3 ? 'include:_spf.platform.example'
            : 'ip4:192.0.2.0/24';
        my $p = (qw(reject none quarantine))[$i % 3];
        $zone .= "d$i TXT \"v=spf1 $spf -all\"\nd$i A 203.0.113.5\nd$i MX 10 mail.d$i\n"
            . "mail.d$i A 203.0.113.6\n_dmarc.d$i TXT \"v=DMARC1; p=$p; rua=mailto:r\@d$i.example\"\n";
    }
    return $zone;
}

sub keys_for {
    my ($dir, $pool, $cli, @domains) = @_;
    my ($zone, $n, %record) = ('', 0);
    for my $domain (@domains) {
        my $key = "$pool/" . $n++ % $POOL . '.pem';
        if (!-e $key) {
            system("openssl genrsa -out $key 2048 2>/dev/null") == 0 or die "openssl\n";
        }
        $record{$key} //= qx($cli record $key) =~ s/\n//r;
        link $key, "$dir/keys/$domain.pem" or die "$domain.pem: $!\n";
        (my $owner = $domain) =~ s/\.example$//;
        $zone .= "sel._domainkey.$owner TXT " . txt($record{$key}) . "\n";
    }
    return $zone;
}

sub sign {
    my ($dir, $cli, $domain, $signatures, @files) = @_;
    my @keys = map { "rsa-sha256,$_,sel,$dir/keys/$_.pem" } $domain,
        ('platform.example') x ($signatures - 1);
    for my $file (@files) {
        system($cli, 'sign', time, 'relaxed', 'relaxed', "$dir/signed", @keys, '--', "$dir/plain/$file") == 0
            or die "dkim_cli\n";
    }
    return;
}

sub make {
    my ($class, $dir, %o) = @_;
    my $n = $o{messages} // 300;
    my $domains = $o{domains} // 40;
    mkdir "$dir/$_" for qw(plain signed keys);
    seed($o{seed} // 42);
    my $pool = $o{keys} // "$dir/pool";
    mkdir $pool;
    my $keys = keys_for($dir, $pool, $o{cli}, 'platform.example', map { "d$_.example" } 0 .. $domains - 1);
    my ($index, $bytes) = ('', 0);
    for my $i (0 .. $n - 1) {
        my $domain = domain($domains);
        my $size = $o{size} // 30_000;
        my $text = header($domain, $i, $o{fields} // 0) . "\r\n" . body($o{fixed} ? $size : size($size));
        $bytes += length $text;
        spew("$dir/plain/$i.eml", $text);
        sign($dir, $o{cli}, $domain, $o{signatures} || (dice(10) < 3 ? 2 : 1), "$i.eml");
        my $client = 1 + dice(200);
        $index .= "FOLDER/$i.eml\t192.0.2.$client\tmail.$domain\t<bounce\@$domain>\t<user$i\@test.example>\tUSER\n";
    }
    spew("$dir/signed.index", $index =~ s/FOLDER/signed/gr =~ s/USER/-/gr);
    spew("$dir/plain.index", $index =~ s/FOLDER/plain/gr =~ s/USER/user/gr);
    my $reverse = join '', map { "$_ PTR mail.client.example.\n" } 1 .. 200;
    return bless {
        index => "$dir/signed.index", plain => "$dir/plain.index", bytes => int($bytes / $n), keys => "$dir/keys",
        zones => { example => records($domains, $o{ttl} // 3600) . $keys,
                   '2.0.192.in-addr.arpa' => soa('2.0.192.in-addr.arpa', $o{ttl} // 3600) . $reverse },
    }, $class;
}

1;
